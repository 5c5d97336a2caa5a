"""What stops a build of the factor pack: nothing is guessed, and each refusal says what to do."""


class CatalogueError(Exception):
    """The factor pack cannot be built or read as it stands."""


class SourceChanged(CatalogueError):
    """A source file is missing or is not, byte for byte, the file that was reviewed."""


class UnmappedRow(CatalogueError):
    """A source row holds a unit, gas, fuel, region or section that no importer knows."""


class PackDiffers(CatalogueError):
    """A pack file is not what its manifest, or a rebuild from the sources, says it should be."""
