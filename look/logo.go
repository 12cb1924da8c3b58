package look

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"net/http"

	"relais/reason"
)

// MaxLogo is the largest logo, in bytes: every page shows it.
const MaxLogo = 256 << 10

const (
	whyLogoSize reason.Code = "config_invalid/logo_size"
	whyLogoKind reason.Code = "config_invalid/logo_kind"
)

// Logo is a picture, and what it is.
type Logo struct {
	Data []byte
	Type string // its media type
}

// ReadLogo takes PNG, JPEG, WebP and SVG, by what the bytes are and not by a name. The
// error says what would be right.
func ReadLogo(r io.Reader) (*Logo, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxLogo+1))
	if err != nil {
		return nil, err
	}
	if len(data) > MaxLogo {
		return nil, reason.NewError(whyLogoSize, reason.Args{"most": reason.Count(MaxLogo >> 10)})
	}
	switch kind := http.DetectContentType(data); kind {
	case "image/png", "image/jpeg", "image/webp":
		return &Logo{data, kind}, nil
	}
	if isSVG(data) {
		return &Logo{data, "image/svg+xml"}, nil
	}
	return nil, reason.NewError(whyLogoKind, nil)
}

// isSVG reports whether the bytes are XML whose root is an svg. A browser shows it as a
// picture, in which no script runs.
func isSVG(data []byte) bool {
	decoder := xml.NewDecoder(bytes.NewReader(data))
	root := ""
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return root == "svg"
		}
		if err != nil {
			return false
		}
		if start, ok := token.(xml.StartElement); ok && root == "" {
			root = start.Name.Local
		}
	}
}
