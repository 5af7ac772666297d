package app

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/labstack/echo/v4"

	"duban/models"
	"duban/models/document"
	"duban/views"
	"duban/views/text"
)

// evidenceView is an item's evidence as this person sees it.
func (s *Server) evidenceView(c echo.Context, b *models.Board, item models.Item, measures []models.Measure, typed views.EvidenceTyped) (views.EvidenceView, error) {
	v := views.EvidenceView{
		Item: item, Measures: measures, When: s.when(c, b), From: from(c, b), May: b.May(models.AddEvidence, item) && s.store.Vault != nil,
		MB: s.store.FileLimits.Bytes >> 20, Endings: s.store.FileEndings(), Most: mostFiles, Typed: typed,
	}
	var err error
	if v.Rows, err = b.EvidenceOf(item); err != nil {
		return v, err
	}
	var ids []int64
	for _, row := range v.Rows {
		ids = append(ids, row.ByID)
		for _, was := range row.Earlier {
			ids = append(ids, was.ByID)
		}
	}
	v.People, err = b.NamesOf(ids)
	return v, err
}

// addEvidence takes what a form brings: files, a document number, or both. Files that
// are sound are kept though others are not; those are named, each with its reason.
func (s *Server) addEvidence(c echo.Context, b *models.Board, item models.Item) error {
	typed := views.EvidenceTyped{DocNo: c.FormValue("doc_no"), Note: c.FormValue("note")}
	e := models.Evidence{DocNo: typed.DocNo, Note: typed.Note}
	if e.MeasureID = chosenRow(c, "measure"); e.MeasureID != nil {
		typed.Measure = *e.MeasureID
	}
	if err := b.WhyNot(models.AddEvidence, item); err != nil {
		return s.evidenceDone(c, b, item, typed, err)
	}
	in, problems, err := s.files(c, b)
	if err != nil {
		return err
	}
	defer dropAll(in)
	typed.Problems = problems
	if len(in) == 0 && len(problems) == 0 {
		_, err := b.AddEvidence(item, e)
		return s.evidenceDone(c, b, item, typed, err)
	}
	for _, one := range in {
		_, err := b.AddFile(item, e, one)
		var wrong models.Problems
		switch {
		case errors.As(err, &wrong):
			typed.Problems = append(typed.Problems, wrong...)
			logNotKept(c, err)
		case err != nil:
			return s.evidenceDone(c, b, item, typed, err)
		default:
			typed.Kept++
		}
	}
	return s.evidenceDone(c, b, item, typed, typed.Problems.Err())
}

// evidenceDone ends the form as other deeds on an item end: the item's page with what
// is there now, or with what was typed and why it was not taken.
func (s *Server) evidenceDone(c echo.Context, b *models.Board, item models.Item, typed views.EvidenceTyped, err error) error {
	shown := views.Typed{Of: models.AddEvidence, Evidence: typed}
	return endDeed(err, &shown.NotDone, func() error {
		s.session.say(c, "evidence.saved")
		to := withSaved(views.ItemFromLink(item.Number, from(c, b))) + "#evidence"
		if c.Request().Header.Get("HX-Request") == "" {
			return goTo(c, to)
		}
		c.Response().Header().Set("HX-Redirect", to) // a script that shows how far it is goes there itself
		return c.NoContent(http.StatusNoContent)
	}, func(status int) error {
		if shown.Problems != nil { // told beside the files
			shown.Evidence.Problems, shown.Problems = shown.Problems, nil
		}
		return s.again(c, b, item, status, shown)
	})
}

// logNotKept tells who runs the program that the vault is full, or that the scanner does
// not work; who sent the file has a sentence of their own.
func logNotKept(c echo.Context, err error) {
	if full := (models.NoRoom{}); errors.As(err, &full) {
		slog.ErrorContext(c.Request().Context(), "no room for a file", "number", requestNumber(c), "error", full.Cause)
	}
	if blind := (models.NotScanned{}); errors.As(err, &blind) {
		slog.ErrorContext(c.Request().Context(), "a file could not be scanned", "number", requestNumber(c), "error", blind.Cause)
	}
}

func (s *Server) showFile(c echo.Context, b *models.Board, item models.Item) error {
	id, err := param(c, "evidence")
	if err != nil {
		return err
	}
	return s.showFilePage(c, b, item, id, http.StatusOK, nil)
}

func (s *Server) showFilePage(c echo.Context, b *models.Board, item models.Item, id int64, status int, problems models.Problems) error {
	row, preview, err := b.LookAt(item, id)
	if err != nil {
		return err
	}
	measures, err := b.Measures(item)
	if err != nil {
		return err
	}
	v := views.FilePage{Row: row, Preview: preview}
	if v.EvidenceView, err = s.evidenceView(c, b, item, measures, views.EvidenceTyped{Problems: problems}); err != nil {
		return err
	}
	for _, shown := range v.Rows {
		if shown.ID == id {
			v.Row, v.Current = shown, true
		}
		for n, was := range shown.Earlier {
			if was.ID == id {
				v.Row = was
				v.Row.Earlier = shown.Earlier[n+1:]
			}
		}
	}
	return s.show(c, b, status, "items", row.FileName, views.FileView(v))
}

// replaceFile puts another file in the place of one; both stay.
func (s *Server) replaceFile(c echo.Context, b *models.Board, item models.Item) error {
	id, err := param(c, "evidence")
	if err != nil {
		return err
	}
	if _, err := b.EvidenceFile(item, id); err != nil {
		return err
	}
	if err := b.WhyNot(models.ReplaceEvidence, item); err != nil {
		return err
	}
	in, problems, err := s.files(c, b)
	if err != nil {
		return err
	}
	defer dropAll(in)
	switch {
	case len(problems) > 0:
	case len(in) != 1:
		problems.Add("files", "evidence.one_file")
	default:
		_, err = b.ReplaceFile(item, id, in[0])
		if err != nil && !errors.As(err, &problems) {
			return err
		}
	}
	if problems != nil {
		return s.showFilePage(c, b, item, id, http.StatusUnprocessableEntity, problems)
	}
	s.session.say(c, "evidence.saved")
	return goTo(c, withSaved(views.ItemLink(item.Number))+"#evidence")
}

// sendFile sends a file to be kept by who asked for it.
func (s *Server) sendFile(c echo.Context, b *models.Board, item models.Item) error {
	return s.sendBytes(c, b, item, models.DownloadEvidence, func(document.Type) bool { return true }, "attachment")
}

// sendDocument sends a PDF to be looked at within the page. It is shut in: it runs
// nothing, loads nothing and knows nothing of the page around it.
func (s *Server) sendDocument(c echo.Context, b *models.Board, item models.Item) error {
	return s.sendBytes(c, b, item, models.ViewEvidence, func(t document.Type) bool { return t == document.PDF }, "inline")
}

func (s *Server) sendBytes(c echo.Context, b *models.Board, item models.Item, a models.Act, sends func(document.Type) bool, how string) error {
	id, err := param(c, "evidence")
	if err != nil {
		return err
	}
	row, err := b.EvidenceFile(item, id)
	if err != nil {
		return err
	}
	if !sends(row.File.Type) {
		return models.ErrNotFound
	}
	row, content, err := b.ReadEvidence(a, item, id)
	if err != nil {
		return err
	}
	defer content.Close()
	h := c.Response().Header()
	shutIn(h)
	if how == "inline" {
		h.Set("X-Frame-Options", "SAMEORIGIN")
		h.Set("Content-Security-Policy", documentPolicy)
	}
	h.Set("Content-Type", row.File.Type.MIME())
	h.Set("Content-Length", strconv.FormatInt(row.File.Size, 10))
	h.Set("Content-Disposition", disposition(how, row.FileName))
	c.Response().WriteHeader(http.StatusOK)
	if _, err := io.CopyBuffer(struct{ io.Writer }{s.slowly(c)}, struct{ io.Reader }{content}, make([]byte, 64<<10)); err != nil {
		slog.DebugContext(c.Request().Context(), "a file was not taken to its end", "number", requestNumber(c), "error", err)
	}
	return nil
}

// slowly writes to somebody on a slow line for as long as they take it at its pace.
func (s *Server) slowly(c echo.Context) io.Writer {
	return &pacedWriter{out: c.Response(), walk: s.pace.walk(-1), now: time.Now, until: http.NewResponseController(c.Response()).SetWriteDeadline}
}

// filePolicy lets a file that a browser shows all the same do nothing; documentPolicy
// lets our own page show it in a frame.
const (
	filePolicy     = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
	documentPolicy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox"
)

func shutIn(h http.Header) {
	h.Set("Content-Security-Policy", filePolicy)
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
}

// disposition gives a file its name back, to the byte: in the way of RFC 6266, with a
// name of plain letters for who cannot read the other.
func disposition(how, name string) string {
	plain := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || strings.ContainsRune(`"\%`, r) {
			return '_'
		}
		return r
	}, name)
	return how + `; filename="` + plain + `"; filename*=UTF-8''` + encoded(name)
}

// encoded is a name as RFC 5987 writes it.
func encoded(name string) string {
	var out strings.Builder
	for _, c := range []byte(name) {
		if c < 0x80 && (unicode.IsLetter(rune(c)) || unicode.IsDigit(rune(c)) || strings.IndexByte("!#$&+-.^_`|~", c) >= 0) {
			out.WriteByte(c)
		} else {
			fmt.Fprintf(&out, "%%%02X", c)
		}
	}
	return out.String()
}

func (s *Server) sendPicture(c echo.Context, b *models.Board, item models.Item) error {
	return s.sendDrawn(c, item, b.EvidencePicture)
}

func (s *Server) sendThumbnail(c echo.Context, b *models.Board, item models.Item) error {
	return s.sendDrawn(c, item, b.EvidenceThumbnail)
}

// sendDrawn sends a picture that was drawn anew.
func (s *Server) sendDrawn(c echo.Context, item models.Item, drawn func(models.Item, int64) ([]byte, error)) error {
	id, err := param(c, "evidence")
	if err != nil {
		return err
	}
	picture, err := drawn(item, id)
	if err != nil {
		return err
	}
	shutIn(c.Response().Header())
	c.Response().Header().Set("Cache-Control", "private, no-store")
	return c.Blob(http.StatusOK, "image/jpeg", picture)
}

// packEvidence sends every file of an item in one archive, as it is made, with the
// sums of all. An archive that cannot be ended is cut off, so that nobody takes it for
// whole.
func (s *Server) packEvidence(c echo.Context, b *models.Board, item models.Item) error {
	measures, err := b.Measures(item)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	folder := map[int64]string{}
	for _, m := range measures {
		folder[m.ID] = text.T(ctx, "evidence.of_measure", m.Seq) + "/"
	}
	var z *zip.Writer
	var sums strings.Builder
	taken := map[string]bool{}
	begin := func([]models.EvidenceRow) error {
		h := c.Response().Header()
		shutIn(h)
		h.Set("Content-Type", "application/zip")
		h.Set("Content-Disposition", disposition("attachment", strings.Join([]string{item.Number, text.T(ctx, "evidence.title"), string(b.Today())}, "_")+".zip"))
		c.Response().WriteHeader(http.StatusOK)
		z = zip.NewWriter(s.slowly(c))
		return nil
	}
	err = b.PackEvidence(item, begin, func(row models.EvidenceRow, content models.Content) error {
		name := row.FileName
		if row.MeasureID != nil {
			name = folder[*row.MeasureID] + name
		}
		name = untaken(taken, name)
		head := &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: row.At.In(b.Now().Location())}
		if row.File.Type.Packed() {
			head.Method = zip.Store
		}
		w, err := z.CreateHeader(head)
		if err != nil {
			return err
		}
		fmt.Fprintf(&sums, "%s  %s\n", row.File.SHA256, name)
		_, err = io.CopyBuffer(struct{ io.Writer }{w}, struct{ io.Reader }{content}, make([]byte, 64<<10))
		return err
	})
	if err == nil {
		var w io.Writer
		if w, err = z.Create("SHA256SUMS"); err == nil {
			_, err = io.WriteString(w, sums.String())
		}
		err = errors.Join(err, z.Close())
	}
	if err != nil && z != nil {
		slog.ErrorContext(ctx, "an archive was cut off", "number", requestNumber(c), "error", err)
		panic(http.ErrAbortHandler)
	}
	return err
}

// untaken is a name that no other file of the archive has, whatever the case of its
// letters.
func untaken(taken map[string]bool, name string) string {
	stem, ending := name, ""
	if at := strings.LastIndexByte(name, '.'); at > 0 {
		stem, ending = name[:at], name[at:]
	}
	for n := 2; taken[strings.ToLower(name)]; n++ {
		name = fmt.Sprintf("%s (%d)%s", stem, n, ending)
	}
	taken[strings.ToLower(name)] = true
	return name
}

// sendsBytes says whether a path is one whose answer is a file and no page.
func sendsBytes(path string) bool {
	rest, ok := strings.CutPrefix(path, views.ItemsPath+"/")
	if !ok {
		return false
	}
	_, rest, _ = strings.Cut(rest, "/")
	return rest == "evidence.zip" || strings.HasPrefix(rest, "evidence/") && strings.Count(rest, "/") == 2
}
