// A file that imports AISKit sees the modules below it, too.

@_exported import AISBase
@_exported import AISCheckpoint
@_exported import AISStatistics
@_exported import AISTokenizer
