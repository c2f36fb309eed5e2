@_exported import AISBase
@_exported import AISCheckpoint
