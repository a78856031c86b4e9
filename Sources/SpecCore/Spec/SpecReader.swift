package import Diagnostics
import YAMLSource

/// Reads a spec from its YAML.
package enum SpecReader {
  /// The spec, or every mistake in it.
  ///
  /// With the first part of its checks' ids also what is wrong with ids that it names, as far as
  /// that is known without a database.
  package static func read(
    _ file: SourceFile, slug: String? = nil
  ) throws(DiagnosticsError) -> Spec {
    let node = try YAMLParser.parse(file)
    var diagnostics: [Diagnostic] = []
    let spec = SpecShapes.spec.read(node, &diagnostics)
    if let spec, let slug, diagnostics.isEmpty {
      diagnostics = Planner.waiverMistakes(of: spec, slug: slug)
    }
    guard let spec, diagnostics.isEmpty else { throw DiagnosticsError(diagnostics: diagnostics) }
    return spec
  }

  /// The JSON Schema (draft-07) of specs, from the declarations that read them.
  package static var jsonSchema: JSONValue {
    guard case .object(let members) = SpecShapes.spec.schema else { return SpecShapes.spec.schema }
    return .object(
      [
        ("$schema", "http://json-schema.org/draft-07/schema#"),
        ("title", "Parity spec, version 1"),
      ] + members)
  }
}

extension Spec {
  /// The two sides of an environment, or of the spec itself where it names none.
  package enum Sides: Sendable {
    case found(PostgresConnection, TargetConnection)
    /// The spec has environments and none was chosen, or not the one asked for.
    case unknown(available: [String])
  }

  /// Where the spec is run.
  package func sides(environment: String?) -> Sides {
    let names = (environments ?? []).map(\.name.value)
    if let environment {
      guard let entry = environments?.first(where: { $0.name.value == environment }),
        let source = entry.value.source, let target = entry.value.target
      else { return .unknown(available: names) }
      return .found(source, target)
    }
    if let source, let target { return .found(source, target) }
    if names.count == 1, let only = environments?.first?.value, let source = only.source,
      let target = only.target
    {
      return .found(source, target)
    }
    return .unknown(available: names)
  }
}
