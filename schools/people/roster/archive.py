"""Opens an uploaded workbook's zip safely: size, kind and content are checked before any parser sees it."""

import io
import zipfile
import zlib
from collections.abc import Callable
from typing import Final
from xml.parsers import expat

from django.utils.translation import gettext_lazy as _

from afterbell.kernel.errors import Refused

MEGABYTE: Final = 1024 * 1024
MOST_BYTES: Final = 10 * MEGABYTE
MOST_ENTRIES: Final = 500
MOST_UNPACKED: Final = 64 * MEGABYTE
MOST_RATIO: Final = 200
"""Sheets shrink ten to thirty times; a thousand times is a bomb."""
RATIO_FROM: Final = MEGABYTE
PIECE: Final = 65_536
OLE2: Final = bytes.fromhex("d0cf11e0a1b11ae1")
ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
IS_ENCRYPTED: Final = 0x1

Begin = Callable[[str, dict[str, str]], None]


class BadWorkbook(Refused):
    """The file can't be read as a roster at all."""

    code = "roster.unreadable"
    message = _(
        "这个文件不是能读的名册：可以是 .xlsx、.xls 工作簿或 CSV。"
        "请用 Excel 或 WPS 打开，另存为“Excel 工作簿（.xlsx）”后再上传。"
    )
    status = 400


class EmptyFile(BadWorkbook):
    """Saved before anything was written, or broken on the way."""

    code = "roster.empty"
    message = _("这个文件是空的，里面什么都没有。请打开名册看一看，保存后再上传。")


class TooLarge(BadWorkbook):
    """Ten megabytes hold every school's roster many times."""

    code = "roster.too_large"
    message = _("文件超过 %(most)s MB。名册不会这么大，请删掉图片和别的工作表后再上传。")
    status = 413


class PasswordProtected(BadWorkbook):
    """Nobody's password is asked for."""

    code = "roster.password"
    message = _("这个文件有打开密码，读不了。请在 Excel 里去掉密码（文件 → 信息 → 保护工作簿）后再上传。")


class OldFormat(BadWorkbook):
    """An .xls that can't be read, and other compound files of before 2007."""

    code = "roster.old_format"
    message = _("这是旧格式的文件，读不出来。请用 Excel 或 WPS 打开后另存为“Excel 工作簿（.xlsx）”再上传。")


class Bomb(BadWorkbook):
    """Unpacks to far more than it should, or lies about it."""

    code = "roster.bomb"
    message = _("这个文件解压后异常巨大，没有读取。请新建一个工作簿，只把名册复制进去再上传。")


def opened(data: bytes) -> zipfile.ZipFile:
    """The archive, unpacked once on trial within limits; raises a BadWorkbook that says what to do."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        _try_out(archive)
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        EOFError,
        OSError,
        ValueError,
        zlib.error,
    ) as error:
        raise BadWorkbook from error
    if "xl/workbook.xml" not in archive.namelist():
        raise BadWorkbook
    return archive


def parse(archive: zipfile.ZipFile, name: str, begin: Begin) -> None:
    """Stream one XML part through `begin(local name, attributes)`; a document type, and so any entity, is refused."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = lambda tag, attributes: begin(tag.rpartition(" ")[2], attributes)
    parser.StartDoctypeDeclHandler = _no_document_type
    try:
        with archive.open(name) as part:
            while piece := part.read(PIECE):
                parser.Parse(piece, False)
        parser.Parse(b"", True)
    except (KeyError, expat.ExpatError, zipfile.BadZipFile) as error:
        raise BadWorkbook from error


def _try_out(archive: zipfile.ZipFile) -> None:
    """Unpack everything piece by piece: what the directory says is not believed (a lie fails the checksum)."""
    entries = archive.infolist()
    if len(entries) > MOST_ENTRIES or len({entry.filename for entry in entries}) < len(entries):
        raise Bomb
    if any(entry.flag_bits & IS_ENCRYPTED for entry in entries):
        raise PasswordProtected
    if sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        raise Bomb
    if any(
        entry.file_size > RATIO_FROM and entry.file_size > MOST_RATIO * entry.compress_size
        for entry in entries
    ):
        raise Bomb
    unpacked = 0
    for entry in entries:
        with archive.open(entry) as part:
            while piece := part.read(PIECE):
                unpacked += len(piece)
                if unpacked > MOST_UNPACKED:
                    raise Bomb


def _no_document_type(*_declared: object) -> None:
    raise BadWorkbook
