package engine

import (
	"bytes"
	"compress/flate"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"relais/campaign"
	"relais/campaign/ledger"
	"relais/gateway"
	"relais/reason"
	"relais/sheet"
	"relais/sms"
)

// chunkSize is how much of a file a part has, before it is compressed.
const chunkSize = 256 << 10

// PutFile keeps a table as the file of a campaign, a part at a time, and looks at its first
// rows. What is no table is refused, and the file of before stays. seen is the version that
// it is for; 0: the present one. Nothing ever holds the file in memory. A retry that gets another
// file is one no more: nobody knows whose rows are in it.
func (d *Desk) PutFile(
	ctx context.Context, account string, id sms.ID, seen int, name string, body io.Reader, by sms.Actor,
) (ledger.Campaign, error) {
	return d.putFile(ctx, account, id, seen, ledger.File{Name: fileName(name)}, body, by)
}

func (d *Desk) putFile(
	ctx context.Context, account string, id sms.ID, seen int, file ledger.File, body io.Reader, by sms.Actor,
) (ledger.Campaign, error) {
	c, err := d.editable(ctx, account, id, seen)
	if err != nil {
		return c, err
	}
	file.Upload = sms.BucketOf(account).NewID(d.Now())
	put, err := d.keepFile(ctx, &c, &file, body, by)
	if err != nil {
		// The caller may be gone; what it left goes all the same.
		if err := d.Store.DropChunks(context.WithoutCancel(ctx), account, id, file.Upload); err != nil {
			d.Log.Error("an upload that failed stays until the next one", "error", err)
		}
	}
	return put, err
}

// editable returns a campaign that gets another table, at the version that somebody saw; 0: the
// present one.
func (d *Desk) editable(ctx context.Context, account string, id sms.ID, seen int) (ledger.Campaign, error) {
	c, err := d.Campaign(ctx, account, id)
	switch {
	case err != nil:
		return c, err
	case !c.Status.Editable():
		return c, explained(c, ledger.ErrStatus)
	case seen != 0 && seen != c.Version:
		return c, ledger.ErrOutdated
	}
	return c, nil
}

func (d *Desk) keepFile(
	ctx context.Context, c *ledger.Campaign, file *ledger.File, body io.Reader, by sms.Actor,
) (ledger.Campaign, error) {
	if err := d.upload(ctx, c, file, body); err != nil {
		return *c, err
	}
	look, err := d.look(ctx, c, file)
	if err != nil {
		return *c, err
	}
	changed, err := d.Store.PutFile(ctx, c.Account, c.ID, c.Version, *file, look, d.mark(by))
	return changed, explained(changed, err)
}

// fileName is the last part of a name, as people see it.
func fileName(name string) string {
	const most = 200
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	if name == "." || name == "/" || !short(name) {
		return ""
	}
	return name[:min(len(name), most)]
}

// upload keeps a file in parts.
func (d *Desk) upload(ctx context.Context, c *ledger.Campaign, file *ledger.File, body io.Reader) error {
	hash, part := sha256.New(), make([]byte, chunkSize)
	for {
		n, err := io.ReadFull(body, part)
		ended := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !ended {
			return refused("", codeUpload, nil)
		}
		if file.Size += int64(n); file.Size > sheet.Usual.Bytes {
			return refused("", codeTooLarge, reason.Args{"most": reason.Count(sheet.Usual.Bytes >> 20)})
		}
		if n > 0 {
			hash.Write(part[:n])
			sealed, err := d.sealed(part[:n])
			if err != nil {
				return err
			}
			if err := d.Store.PutChunk(ctx, c.Account, c.ID, file.Upload, file.Chunks, sealed); err != nil {
				return explained(*c, err)
			}
			file.Chunks++
		}
		if ended {
			file.SHA256 = hex.EncodeToString(hash.Sum(nil))
			return nil
		}
	}
}

// sealed is a part as it is stored.
func (d *Desk) sealed(part []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestSpeed)
	if err == nil {
		_, err = w.Write(part)
	}
	if err = errors.Join(err, w.Close()); err != nil {
		return nil, fmt.Errorf("compress a part of a file: %w", err)
	}
	return d.Seal(b.Bytes()), nil
}

// noFile refuses what needs the file of a campaign that has none, or whose file was forgotten.
func noFile(c *ledger.Campaign) error {
	if !c.File.Upload.IsZero() {
		return refused("", CodeForgotten, nil)
	}
	return refused("", CodeNoFile, nil)
}

// look is what the first rows of a file look like.
func (d *Desk) look(ctx context.Context, c *ledger.Campaign, file *ledger.File) (json.RawMessage, error) {
	book, err := d.open(ctx, c, file)
	if err != nil {
		return nil, unreadable(err)
	}
	layout, err := campaign.Look(book, d.options(c))
	var wrong *reason.Error
	switch {
	case errors.As(err, &wrong) && !wrong.Reason.Is(sheet.CodeNoRows): // the check says it again; another column or row mends it
		layout = &campaign.Layout{Columns: []campaign.Column{}, Questions: []reason.Reason{wrong.Reason}}
	case err != nil:
		return nil, unreadable(err)
	}
	return campaign.SightOf(book, layout).Keep()
}

// unreadable refuses a file with what is wrong with it.
func unreadable(err error) error {
	if wrong, ok := errors.AsType[*reason.Error](err); ok {
		return &gateway.Error{Kind: gateway.Invalid, Reason: wrong.Reason}
	}
	return explained(ledger.Campaign{}, err)
}

// open opens the file of a campaign as a table.
func (d *Desk) open(ctx context.Context, c *ledger.Campaign, file *ledger.File) (*sheet.Book, error) {
	o := d.options(c)
	return sheet.Open(d.reader(ctx, c, file), file.Size, sheet.Options{
		Encoding: c.Options.Encoding, Separator: c.Options.Separator, Sheet: c.Options.Sheet, Hidden: c.Options.Hidden,
		English: o.Region == "GB" || o.Region == "US",
	})
}

// options are those by which the rows are judged.
func (d *Desk) options(c *ledger.Campaign) campaign.Options {
	account := d.Account(c.Account)
	region := c.Options.Region
	if region == "" {
		region = account.Region
	}
	segments := c.Options.Segments
	if segments == 0 {
		segments = d.Segments
	}
	duplicates := campaign.Duplicates(c.Options.Duplicates)
	if c.Options.Appointments.Any() { // two appointments of one person are two, whatever their text
		duplicates = campaign.EveryRow
	}
	return campaign.Options{
		Column: c.Options.Column, Header: c.Options.Header, Text: c.Text, Region: region, Numbers: account.Numbers,
		Duplicates: duplicates, Segments: segments, GSM: c.Options.GSM,
	}
}

// File returns the file as it was uploaded.
func (d *Desk) File(ctx context.Context, account string, id sms.ID) (ledger.File, io.Reader, error) {
	c, err := d.Campaign(ctx, account, id)
	if err != nil {
		return ledger.File{}, nil, err
	}
	if c.File.SHA256 == "" {
		return ledger.File{}, nil, noFile(&c)
	}
	return c.File, io.NewSectionReader(d.reader(ctx, &c, &c.File), 0, c.File.Size), nil
}

// Head returns the first rows of the table, the one with the names among them, as people see
// them.
func (d *Desk) Head(ctx context.Context, account string, id sms.ID, most int) ([]sheet.Row, error) {
	c, err := d.Campaign(ctx, account, id)
	if err != nil {
		return nil, err
	}
	if c.File.SHA256 == "" {
		return nil, noFile(&c)
	}
	book, err := d.open(ctx, &c, &c.File)
	if err != nil {
		return nil, unreadable(err)
	}
	rows, err := book.Rows()
	if err != nil {
		return nil, unreadable(err)
	}
	var first []sheet.Row
	for len(first) < most {
		row, err := rows.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, unreadable(err)
		}
		row.Cells = append([]sheet.Cell(nil), row.Cells...)
		first = append(first, row)
	}
	return first, nil
}

// reader reads a file from anywhere. It keeps a few parts.
func (d *Desk) reader(ctx context.Context, c *ledger.Campaign, file *ledger.File) io.ReaderAt {
	return &fileReader{ctx: ctx, desk: d, account: c.Account, campaign: c.ID, file: file}
}

type fileReader struct {
	ctx      context.Context // of who reads
	desk     *Desk
	account  string
	campaign sms.ID
	file     *ledger.File

	kept []part // read last, the latest first
}

type part struct {
	n    int
	data []byte
}

// ReadAt implements io.ReaderAt.
func (r *fileReader) ReadAt(p []byte, off int64) (n int, err error) {
	if off < 0 {
		return 0, errors.New("a file is read before its beginning")
	}
	for n < len(p) && off < r.file.Size {
		data, err := r.part(int(off / chunkSize))
		if err != nil {
			return n, err
		}
		from := int(off % chunkSize)
		if from >= len(data) {
			return n, io.ErrUnexpectedEOF
		}
		moved := copy(p[n:], data[from:])
		n, off = n+moved, off+int64(moved)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (r *fileReader) part(n int) ([]byte, error) {
	const most = 4
	for i, have := range r.kept {
		if have.n == n {
			copy(r.kept[1:i+1], r.kept[:i])
			r.kept[0] = have
			return have.data, nil
		}
	}
	sealed, err := r.desk.Store.Chunk(r.ctx, r.account, r.campaign, r.file.Upload, n)
	if err != nil {
		return nil, err
	}
	packed, err := r.desk.Open(sealed)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(packed)), chunkSize))
	if err != nil {
		return nil, fmt.Errorf("read a part of a file: %w", err)
	}
	r.kept = append([]part{{n, data}}, r.kept[:min(len(r.kept), most-1)]...)
	return data, nil
}
