/// A check that files alone decide, which were read before anything was planned.
struct DecidedCheck: Check {
  let verdict: Verdict

  init(_ verdict: Verdict) { self.verdict = verdict }

  mutating func next(given answers: [Answer], dialects: Dialects) -> Move { .decide(verdict) }
}
