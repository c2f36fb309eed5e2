@_exported import AISBridging
@_exported import AISDepth
@_exported import AISModel
@_exported import AISStatistics
