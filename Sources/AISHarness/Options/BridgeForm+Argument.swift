import AISKit
import ArgumentParser

extension BridgeForm: ExpressibleByArgument {}
