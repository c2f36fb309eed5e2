@_exported import AISBase
@_exported import AISCheckpoint
@_exported import AISCompute
