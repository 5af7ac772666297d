package document

import (
	"context"
	"errors"
	"io"
	"time"

	"duban/models/ledger"
)

// How much of a file is shown in a page. The whole of it is a download away.
const (
	// largestShown is the largest Office file that is read for a page, in bytes, and
	// slowestShown how long that may take.
	largestShown = 20 << 20
	slowestShown = 10 * time.Second
)

// Preview is what a page shows of a file: a picture and a PDF by an address of their
// own, writing and tables here. Why is the key of the sentence that says why nothing
// is shown.
type Preview struct {
	Picture  bool
	Document bool
	ledger.Shown
}

func nothingShown(why string) Preview { return Preview{Shown: ledger.Shown{Why: why}} }

// Glance is what a page shows of a file as far as its kind, its size and its head say; more
// is true where there is more to see for who reads it, which Show does.
func (t Type) Glance(r io.ReaderAt, size int64) (p Preview, more bool) {
	switch {
	case t.Picture() && !t.Fits(r, size):
		return nothingShown("evidence.preview.pixels"), false
	case t.Picture():
		return Preview{Picture: true}, false
	case t == PDF:
		return Preview{Document: true}, false
	case t != TXT && t != XLSX && t != DOCX:
		return nothingShown("evidence.preview.none"), false
	case t != TXT && size > largestShown:
		return nothingShown("evidence.preview.large"), false
	}
	return Preview{}, true
}

// Show reads a text, a workbook or a document for a page. Unpacking takes memory by what the
// file says of itself: whoever calls it sees to it that few do so at once.
func (t Type) Show(ctx context.Context, r io.ReaderAt, size int64) (p Preview, err error) {
	ctx, done := context.WithTimeout(ctx, slowestShown)
	defer done()
	switch t {
	case TXT:
		p.Shown, err = ledger.ShowText(ctx, r, size)
	case XLSX:
		p.Shown, err = ledger.ShowSheets(ctx, r, size)
	case DOCX:
		p.Shown, err = ledger.ShowWords(ctx, r, size)
	}
	var cannot ledger.Unreadable
	if errors.As(err, &cannot) {
		return nothingShown("evidence.preview.unread"), nil
	}
	return p, err
}
