import ArgumentParser
import Reporting
import Runner
import SpecCore

/// Says what a run would check, in sentences; with `--sql` the very statements.
struct PlanCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "Say in sentences what will be checked; with --sql, how.")

  @OptionGroup var options: SpecOptions
  @OptionGroup var selection: SelectionOptions

  @Flag(help: "Read both catalogs and print the statements that read data.")
  var sql = false

  func run() async throws {
    let chosen = try selection.selection()
    var steps = 0
    for file in try options.read() {
      steps +=
        sql ? try await printStatements(file, chosen) : try await printSentences(file, chosen)
    }
    if steps == 0 {
      Terminal.errors.write("nothing is selected\n")
      throw ExitStatus.nothingSelected
    }
  }

  private func planner(_ file: SpecFile) async throws -> (
    Planner, PostgresConnection, TargetConnection
  ) {
    let (source, target) = try selection.sides(file)
    return (await file.planner(source, target, reversed: self.selection.reverse), source, target)
  }

  private func printSentences(
    _ file: SpecFile, _ selection: Selection
  ) async throws -> Int {
    let (source, target) = try sides(file)
    let planner = await file.planner(source, target, reversed: self.selection.reverse)
    let plan = planner.plan().selected(by: selection)
    Terminal.output.write(
      PlanText(
        identity: file.identity, plan: plan,
        isOpen: planner.neededCatalog?.description, target: target.title,
        isReversed: planner.isReversed
      ).text)
    return plan.ids.count + (planner.neededCatalog == nil ? 0 : 1)
  }

  /// The sides asked for, else of the first environment: the checks are the same for all of them.
  private func sides(_ file: SpecFile) throws -> (PostgresConnection, TargetConnection) {
    if self.selection.chosenEnvironment != nil { return try self.selection.sides(file) }
    let first = file.spec.environments?.first?.value
    return (
      file.spec.source ?? first?.source ?? PostgresConnection(),
      file.spec.target ?? first?.target ?? .snowflake(SnowflakeConnection())
    )
  }

  private func printStatements(_ file: SpecFile, _ selection: Selection) async throws -> Int {
    let (planner, source, target) = try await planner(file)
    let composition = Composition(environment: options.environment, jobs: 2)
    do throws(DatabaseError) {
      let connectors = try composition.connectors(source, target)
      let sides = Sides(
        source: try await connectors.source.connect(),
        target: try await connectors.target.connect())
      let preview = StatementPreview(sides)
      var catalog: SchemaCatalog?
      if let needed = planner.neededCatalog { catalog = try await preview.schema(needed).get() }
      let plan = planner.plan(sourceTables: catalog).selected(by: selection)
      let entries = await preview.entries(of: plan)
      await sides.close()
      Terminal.output.write(PlanText.statements(entries))
      return plan.ids.count
    } catch {
      Terminal.errors.write(ErrorText(error).text)
      throw error.kind == .configuration ? ExitStatus.wrong : .couldNotCheck
    }
  }
}
