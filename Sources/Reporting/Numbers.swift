/// The number with commas between thousands: `48,210`.
func grouped(_ number: Int) -> String {
  let digits = String(number.magnitude)
  var text = ""
  for (place, digit) in digits.enumerated() {
    if place > 0, (digits.count - place).isMultiple(of: 3) { text += "," }
    text.append(digit)
  }
  return number < 0 ? "-" + text : text
}

/// The number in few columns, rounded down so that it never says too much: `999`, `4.2M`, `140k`.
func abbreviated(_ number: Int) -> String {
  for (unit, letter) in [(1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k")] where number >= unit
  {
    let tenths = number / (unit / 10)
    return tenths < 1_000
      ? "\(tenths / 10).\(tenths % 10)\(letter)" : "\(grouped(tenths / 10))\(letter)"
  }
  return String(number)
}

/// The number with its noun: `1 check`, `4 checks`.
func counted(_ number: Int, _ noun: String) -> String {
  "\(grouped(number)) \(noun)\(number == 1 ? "" : "s")"
}

/// Seconds with a point and exactly this many decimals; what is no duration counts as 0.
///
/// A year is the longest, as some readers of JUnit XML clamp there.
func fixed(_ seconds: Double, decimals: Int) -> String {
  let year = 31_536_000.0
  let sane = seconds.isFinite ? min(max(seconds, 0), year) : 0
  let scale = (0..<decimals).reduce(1) { power, _ in power * 10 }
  // Rounded by hand: `rounded()` would need the C library's mathematics.
  let units = Int(sane * Double(scale) + 0.5)
  guard decimals > 0 else { return String(units) }
  let fraction = String(units % scale)
  return "\(units / scale)." + String(repeating: "0", count: decimals - fraction.count) + fraction
}

/// A duration in whole seconds: `50s`, `1m12s`.
func wholeDuration(_ seconds: Double) -> String {
  let isShort = seconds < 59.5 || !seconds.isFinite
  return isShort ? fixed(seconds, decimals: 0) + "s" : duration(max(60, seconds))
}

/// A duration for people: `0.12s`, `31.0s`, `2m03s`, `1h02m03s`.
func duration(_ seconds: Double) -> String {
  if seconds < 9.995 || !seconds.isFinite { return fixed(seconds, decimals: 2) + "s" }
  if seconds < 59.95 { return fixed(seconds, decimals: 1) + "s" }
  let whole = Int(fixed(seconds, decimals: 0)) ?? 0
  let minutes = "\(whole / 60 % 60)m" + pad(whole % 60) + "s"
  return whole < 3_600 ? minutes : "\(whole / 3_600)h" + (whole / 60 % 60 < 10 ? "0" : "") + minutes
}

private func pad(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }
