@_exported import AISModel
