import Foundation
import Testing

extension Live {
  /// People's signatures on a real bundle, made and checked by the real ssh-keygen.
  @Suite("sign-off (stand-in)", .serialized)
  struct SignOffTests {
    let shop = Result { try Shop.shared() }

    private static let sections = """

      uat:
        report: { ask: Does the report match the ledger?, approver: data_owner }
      rollback:
        plan: plan.md
        rehearsed: { within: 14d, approver: qa_lead }
      sign_off:
        signers: allowed_signers
        required:
          qa_lead: carol@example.com
          data_owner: bob@example.com

      """

    private func system(
      _ arguments: [String], in sandbox: Sandbox, input: Input = .nothing,
      variables: [String: String] = [:]
    ) throws -> Outcome {
      try Program(
        "/usr/bin/env", arguments, in: sandbox.path,
        environment: ["PATH": "/usr/bin:/bin", "LC_ALL": "C", "HOME": sandbox.path]
          .merging(variables) { _, new in new }, input: input
      ).finish()
    }

    private func makeKey(_ name: String, _ sandbox: Sandbox) throws -> String {
      let made = try system(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", name], in: sandbox)
      try #require(made.status == 0, "\(made.all)")
      return try #require(sandbox.read("\(name).pub")).split(separator: " ").prefix(2)
        .joined(separator: " ")
    }

    /// A passed run with its bundle, keys of two people, and the file that lets them sign.
    private func evidence() throws -> (Sandbox, String) {
      let sandbox = try shop.get().sandbox("[orders]")
      let spec = try #require(sandbox.read("shop.yml"))
      try sandbox.write(spec + Self.sections, to: "shop.yml")
      try sandbox.write("# The way back\nStop the writers, then …\n", to: "plan.md")
      let carol = try makeKey("carol", sandbox)
      let bob = try makeKey("bob", sandbox)
      try sandbox.write(
        "carol@example.com namespaces=\"parity-sign-off\" \(carol)\n"
          + "bob@example.com namespaces=\"parity-sign-off\" \(bob)\n", to: "allowed_signers")
      let run = try sandbox.parity("run", "shop.yml", "--evidence", "ev")
      try #require(run.status == 0, "\(run.all)")
      let name = try #require(
        FileManager.default.contentsOfDirectory(atPath: sandbox.file("ev")).first)
      return (sandbox, "ev/\(name)")
    }

    private func sign(_ sandbox: Sandbox, _ role: String, _ key: String, _ more: String...) throws
      -> Outcome
    {
      try sandbox.start(
        ["sign", "ev", "--role", role, "--key", key, "--name", "Test Person", "--yes"] + more
      ).finish()
    }

    private func attest(_ sandbox: Sandbox, _ arguments: String...) throws -> Outcome {
      try sandbox.start(["attest", "ev", "--name", "Test Person", "--yes"] + arguments).finish()
    }

    private var today: String {
      let formatter = ISO8601DateFormatter()
      formatter.formatOptions = [.withFullDate]
      return formatter.string(from: Date())
    }

    /// Signs everything that is asked.
    private func signAll(_ sandbox: Sandbox) throws {
      for outcome in [
        try sign(sandbox, "qa_lead", "carol"), try sign(sandbox, "data_owner", "bob"),
        try attest(
          sandbox, "report", "--as", "data_owner", "--pass", "--key", "bob", "--note", "it does"),
        try attest(
          sandbox, "rehearsal", "--as", "qa_lead", "--pass", "--key", "carol", "--performed", today),
      ] { try #require(outcome.status == 0, "\(outcome.all)") }
    }

    @Test("everyone signs, by key and by agent: verified; every changed byte is named (stand-in)")
    func complete() throws {
      let (sandbox, bundle) = try evidence()
      let open = try sandbox.parity("verify", bundle)
      #expect(open.status == 5, "\(open.all)")
      #expect(open.output.contains("OPEN     qa_lead (carol@example.com) has not signed"))
      #expect(open.output.contains("not answered by data_owner yet: uat.report"))
      #expect(open.output.hasSuffix("INCOMPLETE  intact and passed, 4 open\n"))
      try signAll(sandbox)
      let whole = try sandbox.parity("verify", bundle)
      #expect(whole.status == 0, "\(whole.all)")
      #expect(whole.output.hasSuffix("VERIFIED  intact, passed, 4 signed\n"))
      try expectAccepted(bundle, in: sandbox)
      for name in sandbox.files(in: bundle) where name != "approvals" {
        let path = "\(bundle)/\(name)"
        let bytes = try Data(contentsOf: URL(fileURLWithPath: sandbox.file(path)))
        var changed = bytes
        changed[bytes.count / 2] ^= 1
        try sandbox.write(changed, to: path)
        let found = try sandbox.parity("verify", bundle)
        #expect(found.status == 1, "\(name): \(found.all)")
        #expect(found.output.contains("CHANGED"), "\(name)")
        #expect(try isNoticedWithoutUs(bundle, in: sandbox), "\(name)")
        try FileManager.default.removeItem(atPath: sandbox.file(path))
        if !name.hasPrefix("approvals/") {
          #expect(try sandbox.parity("verify", bundle).status == 1, "without \(name)")
        }
        try sandbox.write(bytes, to: path)
      }
      try sandbox.write("x", to: "\(bundle)/extra.txt")
      #expect(try sandbox.parity("verify", bundle).status == 1)
      try FileManager.default.removeItem(atPath: sandbox.file("\(bundle)/extra.txt"))
      #expect(try sandbox.parity("verify", bundle).status == 0)
    }

    /// What `docs/sign-off.md` tells a reviewer to do.
    private func isNoticedWithoutUs(_ bundle: String, in sandbox: Sandbox) throws -> Bool {
      let script = """
        cd "$0" && sha256sum --check --strict --quiet SHA256SUMS || exit 1
        sum=$(sha256sum SHA256SUMS | cut -d' ' -f1)
        for record in approvals/*.json; do
          grep -q "$sum" "$record" || exit 1
          who=$(grep -o '[a-z]*@example.com' "$record") || exit 1
          ssh-keygen -Y verify -f ../../allowed_signers -I "$who" -n parity-sign-off \\
            -s "$record.sig" < "$record" || exit 1
        done
        """
      return try system(["sh", "-c", script, bundle], in: sandbox).status != 0
    }

    private func expectAccepted(_ bundle: String, in sandbox: Sandbox) throws {
      #expect(try !isNoticedWithoutUs(bundle, in: sandbox))
      guard let shared = ProcessInfo.processInfo.environment["PARITY_SHARED"],
        let python = Package.python
      else { return }
      let checked = try Program(
        python,
        [
          "\(shared)/checks/evidence.py", "check", sandbox.file(bundle), "--signers",
          sandbox.file("allowed_signers"),
        ], in: "/", environment: ProcessInfo.processInfo.environment
      ).finish()
      #expect(checked.status == 0, "\(checked.all)")
    }

    @Test("an approval may be taken back and given again; a no fails the whole (stand-in)")
    func changes() throws {
      let (sandbox, bundle) = try evidence()
      let early = try sign(sandbox, "qa_lead", "carol", "--withdraw")
      #expect(early.status == 2, "\(early.all)")
      try signAll(sandbox)
      #expect(try sign(sandbox, "qa_lead", "carol", "--withdraw").status == 0)
      let withdrawn = try sandbox.parity("verify", bundle)
      #expect(withdrawn.status == 5)
      #expect(withdrawn.output.contains("qa_lead (carol@example.com) has withdrawn"))
      #expect(try sign(sandbox, "qa_lead", "carol").status == 0)
      #expect(try sandbox.parity("verify", bundle).status == 0)
      #expect(
        try attest(
          sandbox, "uat.report", "--as", "data_owner", "--fail", "--key", "bob", "--note", "1 off"
        ).status == 0)
      let rejected = try sandbox.parity("verify", bundle)
      #expect(rejected.status == 1)
      #expect(rejected.output.contains("answered no to uat.report"))
      #expect(rejected.output.contains("1 off"))
    }

    @Test("an agent's key signs, with the public half in a file or as the only one (stand-in)")
    func agent() throws {
      let (sandbox, bundle) = try evidence()
      let script = """
        eval "$(ssh-agent -s)" >/dev/null; trap 'kill $SSH_AGENT_PID' EXIT
        ssh-add -q carol && rm carol && mkdir -p hidden && mv carol.pub hidden/
        "$0" sign ev --role qa_lead --name Carol --yes && \
        "$0" sign ev --role qa_lead --name Carol --yes --key hidden/carol.pub
        """
      let signed = try Program(
        "/bin/bash", ["-c", script, Package.binary], in: sandbox.path,
        environment: sandbox.environment
      ).finish()
      #expect(signed.status == 0, "\(signed.all)")
      let verified = try sandbox.parity("verify", bundle)
      #expect(verified.status == 5)
      #expect(!verified.output.contains("carol@example.com) has not signed"), "\(verified.all)")
    }

    @Test("who may not sign does not, and leaves nothing (stand-in)")
    func refused() throws {
      let (sandbox, bundle) = try evidence()
      func expect(_ outcome: Outcome, _ status: Int32, _ words: String) {
        #expect(outcome.status == status, "\(outcome.all)")
        #expect(outcome.errors.contains(words), "\(outcome.errors)")
      }
      expect(try sign(sandbox, "qa_leed", "carol"), 2, "did you mean `qa_lead`?")
      expect(try sign(sandbox, "qa_lead", "bob"), 1, "do not let this key sign")
      expect(try sign(sandbox, "qa_lead", "none"), 2, "cannot be read")
      expect(
        try attest(sandbox, "report", "--as", "qa_lead", "--pass", "--key", "carol"), 2,
        "is asked of data_owner")
      expect(
        try attest(sandbox, "raport", "--as", "data_owner", "--pass", "--key", "bob"), 2,
        "did you mean `report`?")
      expect(
        try attest(sandbox, "rehearsal", "--as", "qa_lead", "--pass", "--key", "carol"), 2,
        "does not say on which day")
      expect(
        try attest(
          sandbox, "rehearsal", "--as", "qa_lead", "--pass", "--key", "carol", "--performed",
          "2020-01-01"), 2, "must not be before")
      let silent = try sandbox.parity(
        "sign", "ev", "--role", "qa_lead", "--key", "carol", "--name", "C")
      expect(silent, 2, "nobody is at the terminal")
      #expect(sandbox.files(in: bundle).allSatisfy { !$0.hasPrefix("approvals/") })
      try sandbox.write("changed", to: "\(bundle)/spec.yml")
      expect(try sign(sandbox, "qa_lead", "carol"), 1, "nothing was signed")
    }

    @Test(
      "keys that are not for this, or not any more (stand-in)",
      arguments: [
        "namespaces=\"git\"", "namespaces=\"parity-sign-off\",valid-before=\"20200101\"", "",
      ])
    func otherKeys(_ options: String) throws {
      let (sandbox, bundle) = try evidence()
      try signAll(sandbox)
      let signers = try #require(sandbox.read("allowed_signers"))
      let changed = signers.replacingOccurrences(
        of: "carol@example.com namespaces=\"parity-sign-off\"",
        with: options.isEmpty ? "dave@example.com" : "carol@example.com \(options)")
      try sandbox.write(changed, to: "allowed_signers")
      let verified = try sandbox.parity("verify", bundle)
      #expect(verified.status == 1, "\(verified.all)")
      #expect(verified.output.contains("is not signed by carol@example.com"))
      try FileManager.default.removeItem(atPath: sandbox.file("allowed_signers"))
      let unknown = try sandbox.parity("verify", bundle)
      #expect(unknown.status == 3, "\(unknown.all)")
      #expect(unknown.output.contains("is not there"))
    }
  }
}
