import Foundation
import SnowflakeDatabase
import SpecCore

/// dbt's connections on this machine, found where dbt finds them.
///
/// `DBT_PROFILES_DIR`, else the working folder, else `~/.dbt`.
struct Profiles {
  let environment: [String: String]

  /// A connection by its names, and remarks upon the file.
  func output(
    _ name: String, of profile: String
  ) throws(DatabaseError) -> (output: ProfileOutput, notes: [String]) {
    var searched: [String] = []
    for path in places {
      guard let file = try PrivateFile(at: path, what: "dbt's profiles") else {
        searched.append(path)
        continue
      }
      let profiles = try ProfilesFile(file.text, path: path)
      return (try profiles.output(name, of: profile, environment: environment), file.notes)
    }
    throw DatabaseError(
      .configuration, "there is no profiles.yml; looked for \(searched.joined(separator: ", "))",
      hint: "set DBT_PROFILES_DIR to the folder it lies in")
  }

  private var places: [String] {
    if let folder = environment["DBT_PROFILES_DIR"], !folder.isEmpty {
      return ["\(expandingTilde(folder, environment))/profiles.yml"]
    }
    return ["profiles.yml", expandingTilde("~/.dbt", environment) + "/profiles.yml"]
  }
}
