@_exported import AISBridging
@_exported import AISDepth
@_exported import AISModel
@_exported import AISRouting
@_exported import AISStatistics
@_exported import AISTokenizer
