import Diagnostics
import TestSupport
import Testing
import YAMLSource

/// Every fixture is read to the very tree, or to the very diagnostics, that lie beside it.
@Suite struct FixtureTests {
  @Test(arguments: Fixture.all("yml", in: "Accepted"))
  func accepted(_ fixture: Fixture) throws {
    let file = try YAMLParser.source(name: fixture.name, bytes: fixture.bytes())
    expectGolden(dump(try YAMLParser.parse(file)), at: fixture.golden("nodes"))
  }

  @Test(arguments: Fixture.all("yml", in: "Refused"))
  func refused(_ fixture: Fixture) throws {
    let file = try YAMLParser.source(name: fixture.name, bytes: fixture.bytes())
    expectGolden(try diagnostics(of: file), at: fixture.golden("diagnostics"))
  }
}

/// What a reader of the terminal sees when the file is refused; fails when it is not.
func diagnostics(of file: SourceFile) throws -> String {
  let error = try #require(throws: DiagnosticsError.self) { try YAMLParser.parse(file) }
  return DiagnosticRenderer(files: [file], style: .plain).render(error.diagnostics)
}
