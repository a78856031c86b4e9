/// What roles get back of the target when they ask, each with its own rights alone.
///
/// The run acts as the role. Where it cannot, or where the role may not read at all, it is asked what
/// the policies would decide for the role, which says nothing of the role's rights.
struct RoleViews: Sendable {
  enum Progress: Sendable {
    case ask([Ask])
    case done
  }

  /// What became of one role.
  struct View: Sendable {
    /// The answers to its questions, in their order; `nil` where there are none.
    var answers: [Answer]?
    /// Whether the policies were asked, and nobody acted as the role.
    var isSimulated = false
    /// The database's words where the role itself may not read.
    var refusal: String?
    /// Why the run could not act as the role.
    var problem: Verdict.Unchecked?
  }

  private enum State: Sendable {
    case start
    case acting
    case simulating([RoleName])
    case done
  }

  /// Roles with what each is to ask.
  let questions: [RoleName: [Question]]
  /// Roles of which it is enough to know that they may not read.
  let optional: Set<RoleName>
  let kind: PolicyKind
  private(set) var views: [RoleName: View] = [:]
  private var state = State.start

  init(
    _ questions: [RoleName: [Question]], optional: [RoleName] = [], _ kind: PolicyKind
  ) {
    self.questions = questions
    self.optional = Set(optional)
    self.kind = kind
  }

  private var roles: [RoleName] { questions.keys.sorted() }

  mutating func next(given answers: [Answer], dialects: Dialects) -> Progress {
    switch state {
    case .start:
      let asks = roles.flatMap { role in
        [Ask(.target, .probe(.identity, as: role))]
          + (questions[role] ?? []).map { Ask(.target, .viewed($0, as: .role(role))) }
      }
      state = asks.isEmpty ? .done : .acting
      return asks.isEmpty ? .done : .ask(asks)
    case .acting:
      var rest = answers[...]
      for role in roles {
        let count = 1 + (questions[role]?.count ?? 0)
        views[role] = acted(Array(rest.prefix(count)), dialects.target)
        rest = rest.dropFirst(count)
      }
      let open = roles.filter { role in
        let view = views[role]
        return view?.answers == nil && !(view?.refusal != nil && optional.contains(role))
      }
      let asks = open.flatMap { role in
        (questions[role] ?? []).map { Ask(.target, .viewed($0, as: .context(role))) }
      }
      state = asks.isEmpty ? .done : .simulating(open)
      return asks.isEmpty ? .done : .ask(asks)
    case .simulating(let open):
      var rest = answers[...]
      for role in open {
        let count = questions[role]?.count ?? 0
        let own = Array(rest.prefix(count))
        rest = rest.dropFirst(count)
        guard own.failure == nil else { continue }
        views[role]?.answers = own
        views[role]?.isSimulated = true
      }
      state = .done
      return .done
    case .done: return .done
    }
  }

  private func acted(_ answers: [Answer], _ dialect: any Dialect) -> View {
    guard let identity = answers.first else { preconditionFailure("an identity was asked for") }
    switch identity {
    case .failed(let error):
      return View(problem: Verdict.Unchecked(error, on: .target))
    case .probe(.done): break
    default:
      return View(
        problem: Verdict.Unchecked(type: "no_control", reason: "the run could not act as the role"))
    }
    let own = Array(answers.dropFirst())
    guard let error = own.failure else { return View(answers: own) }
    return dialect.isRefusal(error)
      ? View(refusal: error.message.firstLine)
      : View(problem: Verdict.Unchecked(error, on: .target))
  }

  /// Why nothing is known of what a role sees, with the grants that help.
  func unknown(_ role: RoleName, _ place: String) -> Verdict.Unchecked {
    let view = views[role] ?? View()
    let policies = "GRANT APPLY \(kind.words) ON ACCOUNT TO ROLE of the run, for its time"
    if let refusal = view.refusal {
      return Verdict.Unchecked(
        type: "no_control",
        reason: "\(role) may not read \(place) at all (\(refusal)), so that nothing shows what the "
          + "policy would give it",
        remedy: "\(policies), so that the policy can be asked; or say it in `denied:`")
    }
    let problem = view.problem
    return Verdict.Unchecked(
      type: problem?.type ?? "no_control",
      reason:
        "what \(role) sees of \(place) is not known: \(problem?.reason ?? "it was not asked")",
      remedy: "\(problem?.remedy.map { "\($0); or " } ?? "")\(policies)")
  }

  /// Remarks on how the roles were asked.
  var notes: [String] {
    let simulated = roles.filter { views[$0]?.isSimulated == true }.map(\.description)
    return simulated.isEmpty
      ? []
      : [
        "the run did not act as \(simulated.joined(separator: ", ")): what the policies give was "
          + "asked by POLICY_CONTEXT, which says nothing of rights"
      ]
  }
}
