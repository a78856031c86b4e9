/// The numbers that decide how a table is divided; tests take small ones.
package struct BucketLimits: Hashable, Sendable {
  /// About so many rows a bucket.
  package var bucketRows = 256
  /// So many buckets at the most: they are held in memory.
  package var mostBuckets = 32_768
  /// So many of each kind are divided at a time.
  package var mostDivided = 4_096
  /// Rows of so many buckets are read by one statement, which lists them.
  package var mostRead = 8_192
  /// Keys that are sparser than one in so many would make buckets of very different size.
  package var sparsest = 64
  /// Below so many cells reading costs less than another scan.
  package var cheapCells = 200_000
  /// From so many rows on a side is not counted before it is read.
  package var worthEstimating = 20_000
  /// So many buckets are probed.
  package var probes = 16

  package init() {}
}
