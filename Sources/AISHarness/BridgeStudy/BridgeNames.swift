import AISKit

extension BridgeForm {
  /// What pages call it.
  package var title: String {
    switch self {
    case .map: "bridge"
    case .merged: "ReplaceMe"
    case .graft: "graft"
    case .both: "graft and bridge"
    }
  }
}

extension LayerRun {
  /// The runs of the layers that a text such as `8-15,20` names; none if it is not such a text.
  package static func runs(in text: String) -> [LayerRun] {
    runs(of: (try? DepthPlan(hard: text))?.skippedLayers ?? [])
  }
}
