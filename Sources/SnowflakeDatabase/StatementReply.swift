import FoundationEssentials

/// What every JSON answer of the SQL API may hold besides its rows; all of it optional, because
/// an answer of a proxy on the way is read as well.
struct StatementReply: Decodable {
  struct Column: Decodable {
    let name: String
    let type: String?
    let precision: Int?
    let scale: Int?
    let length: Int?
    let nullable: Bool?
  }

  struct Partition: Decodable {
    let rowCount: Int
  }

  struct MetaData: Decodable {
    let numRows: Int
    let format: String?
    let rowType: [Column]
    let partitionInfo: [Partition]?
  }

  let code: String?
  let sqlState: String?
  let message: String?
  let statementHandle: String?
  let statementStatusUrl: String?
  /// Of a request of several statements, each one's handle, in their order.
  let statementHandles: [String]?
  let resultSetMetaData: MetaData?

  /// Reads the answer without its rows; nil when it is not such a JSON object.
  init?(_ head: [UInt8]) {
    do {
      self = try JSONDecoder().decode(Self.self, from: Data(head))
    } catch {
      return nil
    }
  }
}
