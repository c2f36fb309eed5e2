import Foundation

/// How result files are named.
package enum ResultName {
  /// A model's name as files begin: its shown name, without what file names cannot hold.
  package static func model(_ place: URL) -> String {
    ModelCatalog.fileStem(ofShownName: ModelCatalog.shownName(of: place))
  }

  /// The beginning of a result's name: model, number format, `cuda` on a GPU, `starter` if a starter set
  /// serves.
  package static func stem(
    _ model: String, dtype: String, device: DeviceName, isStarter: Bool = false
  ) -> String {
    [model, dtype, device.fileWord, isStarter ? "starter" : ""]
      .filter { !$0.isEmpty }.joined(separator: "-")
  }
}
