package sheet

import "io"

func openZip(io.ReaderAt, int64, Options) (*Book, error) {
	return nil, refuse(codeZip, nil)
}
