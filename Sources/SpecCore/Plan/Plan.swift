package import Diagnostics

/// Everything a run will do, before anything is done.
package struct Plan: Sendable {
  /// In the order of the spec.
  package var suites: [Suite]
  package var exceptions: [SpecException]
  /// Judged when all steps are; in the order of the spec.
  package var waivers: [WaiverStep] = []
  /// What people are asked.
  package var asked: [AskedItem] = []
  /// Who must sign; `nil` where the spec does not say.
  package var signOff: SignOffDemand?
  /// Whether tables belong to it that are known only when the source was asked.
  package var isOpen = false

  /// The steps of one object.
  package struct Suite: Sendable {
    /// `shop.tables.orders`.
    package let name: String
    package let title: String
    /// The table of the source, where the suite is about one.
    package var table: TableSubject.SideName?
    /// Whether nothing else of the run may load the databases while it is carried out.
    package var isAlone = false
    package var steps: [Step]
  }

  /// One case to be.
  package struct Step: Sendable {
    package let id: CheckID
    package let clause: String
    package let sentence: String
    package let range: SourceRange
    package let severity: CaseSeverity
    package let tags: [String]
    package let check: any Check
    /// What the spec says may excuse its failure; whether it does depends on the day.
    var declaredWaiver: Waiver?

    /// What excuses its failure in a run that begins on this day.
    package func waiver(on day: CalendarDay) -> Waiver? {
      declaredWaiver.flatMap { $0.isExpired(on: day) ? nil : $0 }
    }
  }

  package var steps: [Step] { suites.flatMap(\.steps) }

  /// The ids of all cases, in the order of results.
  package var ids: [CheckID] { outline.flatMap(\.cases) }

  /// The plan without the steps that are not wanted; suites left empty are dropped.
  package func filtered(_ isWanted: (Step) -> Bool) -> Plan {
    var plan = self
    plan.suites = suites.compactMap { suite in
      var suite = suite
      suite.steps = suite.steps.filter(isWanted)
      return suite.steps.isEmpty ? nil : suite
    }
    return plan
  }
}
