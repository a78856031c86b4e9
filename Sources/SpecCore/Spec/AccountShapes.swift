import Diagnostics

extension SpecShapes {
  /// Names with the reasons why each is left out.
  static var excuses: Shape<[Excuse]> {
    Shape<[MapEntry<String>]>.map(of: .text).map { entries, _, _ in
      entries.map { Excuse($0.name, because: $0.value) }
    }
  }

  private enum Required: String, CaseIterable, Sendable { case required }

  /// One field for each point.
  static var account: Shape<AccountSpec> {
    .object(
      "account", { _ in AccountSpec() },
      fields: AccountPoint.allCases.map { point in
        Field(point.rawValue, \.[point], shape(of: point), point.meaning)
      })
  }

  private static func shape(of point: AccountPoint) -> Shape<PointSpec> {
    let required = Shape<Required>.choice.located.map { word, _, _ in PointSpec(range: word.range) }
    let fields = point.settings.map { setting -> Field<PointSpec> in
      switch setting {
      case .except:
        Field("except", \.except, excuses, "Names that are left out, each with the reason.")
      case .after(let days):
        Field("after", \.after, duration, "After so long; \(days)d where nothing is said.")
      case .atLeast(let number):
        Field(
          "at_least", \.atLeast, .integer(0...1_000_000),
          "The least number; \(number) where nothing is said.")
      case .atMost(let number):
        Field(
          "at_most", \.atMost, .integer(0...1_000_000),
          "The greatest number; \(number) where nothing is said.")
      }
    }
    guard !fields.isEmpty else { return required }
    let names = fields.map { "\($0.name):" }.joined(separator: ", ")
    return .either(
      "`required`, or {\(names)}",
      [
        .mapping(.object(point.rawValue, PointSpec.init(range:), fields: fields)),
        .scalar(required),
      ])
  }

  private struct Baseline: Sendable { var cis: BaselineSpec? }

  /// `cis`, alone or with the points that are left out.
  static var baseline: Shape<BaselineSpec> {
    let known = AccountPoint.allCases.filter { $0.number != nil }
    let except = Shape<AccountSpec.Reasons>.object(
      "except", { _ in AccountSpec.Reasons() },
      fields: known.map { point in
        Field(point.rawValue, \.[point], Shape<String>.text.located, "Why it is left out.")
      }
    ).map { reasons, _, _ in reasons.excuses }
    let details = Shape<BaselineSpec>.object(
      "cis", { _ in BaselineSpec() },
      fields: [
        Field("except", \.except, except, "Points that are left out, each with the reason.")
      ])
    let object = Shape<Baseline>.object(
      "baseline", { _ in Baseline() },
      fields: [Field("cis", \.cis, details, required: true, "Points that are left out.")]
    ).map { baseline, _, _ in baseline.cis }
    return .either(
      "`cis`, alone or with {except:}",
      [
        .mapping(object),
        .scalar(Shape<String>.word("cis").map { _, _, _ in BaselineSpec() }),
      ])
  }
}

extension AccountSpec {
  /// Points that are left out, with the reasons.
  fileprivate struct Reasons: Sendable {
    private var reasons: [AccountPoint: Located<String>] = [:]

    subscript(point: AccountPoint) -> Located<String>? {
      get { reasons[point] }
      set { reasons[point] = newValue }
    }

    /// In the order of the points.
    var excuses: [Excuse] {
      AccountPoint.allCases.compactMap { point in
        reasons[point].map {
          Excuse(Located(point.rawValue, at: $0.range), because: $0.value)
        }
      }
    }
  }
}

extension AccountPoint {
  /// What editors show.
  fileprivate var meaning: String {
    number.map { "\(sentence(PointLimits(self, nil))) (CIS \($0))" }
      ?? sentence(PointLimits(self, nil))
  }
}
