package sheet

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"sync/atomic"

	"relais/reason"
)

// Bounds of an archive. An honest sheet shrinks to a tenth or a twentieth; a bomb is one
// that is large and shrinks to almost nothing.
const (
	mostParts     = 2000
	mostDirectory = 1 << 20 // bytes
	largestHonest = 64 << 20
	honestRatio   = 100
	mostSheets    = 500
	mostReadings  = 8 // of a workbook as large as may be: opening, a look and a check take four
)

// archive is a workbook that is read part by part. It counts what it unpacks.
type archive struct {
	parts    map[string]*zip.File
	limits   Limits
	unpacked atomic.Int64 // bytes, of all parts and as often as they were opened
}

// openZip tells which kind of workbook an archive is, if any.
func openZip(file io.ReaderAt, size int64, o Options) (*Book, error) {
	a, err := readArchive(file, size, Usual)
	if err != nil {
		return nil, err
	}
	switch {
	case a.parts["xl/workbook.bin"] != nil:
		return nil, refuse(codeXLSB, nil)
	case a.parts["xl/workbook.xml"] != nil || a.parts["[Content_Types].xml"] != nil && a.workbook() != "":
		return openXLSX(a, o)
	case a.parts["content.xml"] != nil:
		return openODS(a, o)
	}
	return nil, a.refuse()
}

// refuse says what an archive is that holds no workbook.
func (a *archive) refuse() error {
	tables := 0
	for name := range a.parts {
		switch {
		case strings.HasPrefix(name, "word/"):
			return refuse(codeNotATable, reason.Args{"kind": reason.Of(phraseDocument, nil)})
		case strings.HasPrefix(name, "ppt/"):
			return refuse(codeNotATable, reason.Args{"kind": reason.Of(phraseSlides, nil)})
		case strings.HasPrefix(name, "__MACOSX/"):
			continue
		}
		switch dot := strings.LastIndexByte(name, '.'); strings.ToLower(name[dot+1:]) {
		case "csv", "tsv", "txt", "xlsx", "xls", "ods", "xlsm":
			tables++
		}
	}
	if tables > 1 {
		return refuse(codeZipOfTables, reason.Args{"count": reason.Count(tables)})
	}
	return refuse(codeZip, nil)
}

// readArchive reads the directory of an archive, after a look at its size: the library
// would read one of any length.
func readArchive(file io.ReaderAt, size int64, limits Limits) (*archive, error) {
	if err := boundedDirectory(file, size); err != nil {
		return nil, err
	}
	z, err := zip.NewReader(file, size)
	if err != nil {
		return nil, damaged(err)
	}
	a := &archive{parts: make(map[string]*zip.File, len(z.File)), limits: limits}
	for _, f := range z.File {
		if strings.Contains(f.Name, "..") || strings.HasPrefix(f.Name, "/") {
			return nil, refuse(codePath, nil)
		}
		if f.Flags&1 != 0 {
			return nil, refuse(codeProtected, nil)
		}
		a.parts[f.Name] = f
	}
	return a, nil
}

// boundedDirectory looks at the end record (APPNOTE 6.3.10, 4.3.16).
func boundedDirectory(file io.ReaderAt, size int64) error {
	const record, comment = 22, 1<<16 - 1
	tail := make([]byte, min(size, record+comment))
	if _, err := file.ReadAt(tail, size-int64(len(tail))); err != nil && err != io.EOF {
		return err
	}
	at := bytes.LastIndex(tail, []byte("PK\x05\x06"))
	if at < 0 || len(tail)-at < record {
		return damaged(io.ErrUnexpectedEOF)
	}
	end := tail[at:]
	parts := int64(binary.LittleEndian.Uint16(end[10:]))
	length := int64(binary.LittleEndian.Uint32(end[12:]))
	offset := int64(binary.LittleEndian.Uint32(end[16:]))
	if parts > mostParts || length > mostDirectory {
		return bomb(0)
	}
	if offset+length != size-int64(len(tail))+int64(at) {
		return damaged(zip.ErrFormat)
	}
	return nil
}

// open unpacks a part.
func (a *archive) open(name string) (io.ReadCloser, error) {
	f := a.parts[name]
	if f == nil {
		return nil, damaged(errors.New(name))
	}
	in, err := f.Open()
	if err != nil {
		return nil, damaged(err)
	}
	return &inflated{ReadCloser: in, archive: a, packed: int64(f.CompressedSize64)}, nil
}

// inflated counts what comes out of a part.
type inflated struct {
	io.ReadCloser
	archive *archive
	packed  int64
	done    int64
}

func (f *inflated) Read(p []byte) (int, error) {
	n, err := f.ReadCloser.Read(p)
	f.done += int64(n)
	most := f.archive.limits.Inflated
	if f.archive.unpacked.Add(int64(n)) > mostReadings*most {
		return 0, bomb(f.done)
	}
	if f.done > most || f.done > largestHonest && f.done > honestRatio*f.packed {
		return 0, bomb(f.done)
	}
	return n, err
}

func bomb(seen int64) error {
	return refuse(codeBomb, reason.Args{"megabytes": reason.Count(max(seen>>20, largestHonest>>20))})
}

// damaged makes a refusal of what a reader of XML or of archives found.
func damaged(err error) error {
	var said *reason.Error
	switch {
	case errors.As(err, &said):
		return said
	case errors.Is(err, errEntities):
		return refuse(codeEntities, nil)
	}
	return refuse(codeDamaged, reason.Args{"why": reason.Name(err.Error())})
}
