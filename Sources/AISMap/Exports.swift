@_exported import AISDepth
@_exported import AISModel
