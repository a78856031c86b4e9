/// The known name that `word` was most likely meant to be, or nil when none is near.
///
/// Near is two slips at most (a letter too many, too few, wrong, or two swapped), one for words of
/// up to three letters; upper and lower case are the same. Of equally near names the first wins.
package func nearestName(to word: String, among names: [String]) -> String? {
  let wanted = Array(word.lowercased())
  // Nobody misspells a name of this length by two letters, and the table below is quadratic.
  guard wanted.count <= 100 else { return nil }
  var best: (name: String, distance: Int)?
  for name in names {
    let known = Array(name.lowercased())
    let limit = min(wanted.count, known.count) <= 3 ? 1 : 2
    guard abs(wanted.count - known.count) <= limit else { continue }
    let distance = slips(from: wanted, to: known)
    if distance <= limit, distance < best?.distance ?? .max { best = (name, distance) }
  }
  return best?.name
}

/// The Damerau-Levenshtein distance in its restricted form: no letter is touched twice.
private func slips(from wanted: [Character], to known: [Character]) -> Int {
  var beforeLast: [Int] = []
  var last = Array(0...known.count)
  for row in wanted.indices {
    var current = [row + 1]
    for column in known.indices {
      let isSame = wanted[row] == known[column]
      var cost = min(last[column] + (isSame ? 0 : 1), last[column + 1] + 1, current[column] + 1)
      let isSwap =
        row > 0 && column > 0 && wanted[row] == known[column - 1]
        && wanted[row - 1] == known[column]
      if isSwap { cost = min(cost, beforeLast[column - 1] + 1) }
      current.append(cost)
    }
    beforeLast = last
    last = current
  }
  return last[known.count]
}
