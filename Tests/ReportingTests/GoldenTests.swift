import Diagnostics
import Reporting
import SpecCore
import TestSupport
import Testing

/// Every report of every sample, byte for byte.
@Suite struct GoldenTests {
  @Test(arguments: Sample.all) func junit(_ sample: Sample) {
    expectGolden(JUnitReporter.junit().render(sample.run), at: golden(sample, "junit.xml"))
  }

  @Test(
    arguments: Sample.all.filter { ["mismatch", "retried", "warned", "waived"].contains($0.name) })
  func otherProfiles(_ sample: Sample) {
    for profile in [JUnitProfile.located, .ant] {
      expectGolden(
        JUnitReporter.junit(profile: profile).render(sample.run),
        at: golden(sample, "\(profile.rawValue).xml"))
    }
  }

  @Test(arguments: Sample.all) func text(_ sample: Sample) {
    expectGolden(TextReporter.text().render(sample.run), at: golden(sample, "txt"))
  }

  @Test(arguments: Sample.all.filter { $0.name != "many" }) func json(_ sample: Sample) {
    expectGolden(JSONReporter.json.render(sample.run), at: golden(sample, "json"))
  }

  @Test(arguments: Sample.all) func annotations(_ sample: Sample) {
    expectGolden(GitHubAnnotations.github.render(sample.run), at: golden(sample, "github.txt"))
  }

  @Test func asciiAndColours() throws {
    let sample = try #require(Sample.all.first { $0.name == "mismatch" })
    let ascii = TextReporter.text(look: Look(style: .plain, usesUnicode: false))
    expectGolden(ascii.render(sample.run), at: golden(sample, "ascii.txt"))
    let coloured = TextReporter.text(look: Look(style: .coloured)).render(sample.run)
    expectGolden(coloured, at: golden(sample, "coloured.txt"))
    #expect(withoutColours(coloured) == TextReporter.text().render(sample.run))
  }

  @Test(arguments: Sample.all) func sameBytesTwice(_ sample: Sample) {
    #expect(JSONReporter.json.render(sample.run) == JSONReporter.json.render(sample.run))
    #expect(JUnitReporter.junit().render(sample.run) == JUnitReporter.junit().render(sample.run))
  }
}

/// The path of a golden file.
func golden(_ sample: Sample, _ pathExtension: String) -> String {
  "\(fixtures)/\(sample.name).\(pathExtension)"
}

/// The folder of the golden files.
let fixtures = #filePath.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" } + "/Fixtures"

/// The text without ANSI sequences.
func withoutColours(_ text: String) -> String {
  text.replacing(/\u{1B}\[[0-9;]*m/, with: "")
}
