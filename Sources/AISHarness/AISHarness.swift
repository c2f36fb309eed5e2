import AISKit
