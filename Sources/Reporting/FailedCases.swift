import SpecCore

/// The ids of the cases that failed or could not be checked, in the order of the run's JSON.
///
/// Returns `nil` where the text is not a run in the format this version writes; warnings count,
/// as their data differ too, but not what is waived: that is known already.
package func failedCaseIDs(inRunJSON text: String) -> [String]? {
  guard let run = try? JSONValue.parse(text), run["format"]?.text == JSONReporter.format,
    let cases = run["cases"]?.elements
  else { return nil }
  var ids: [String] = []
  for each in cases {
    guard let id = each["id"]?.text, let word = each["outcome"]?.text,
      let outcome = Outcome(rawValue: word)
    else { return nil }
    if outcome == .failed || outcome == .errored { ids.append(id) }
  }
  return ids
}
