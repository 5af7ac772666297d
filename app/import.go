package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"duban/models"
	"duban/models/ledger"
	"duban/views"
	"duban/views/text"
)

const (
	// importsShown is how many imports the page lists, problemsShown how many problems
	// of a ledger a page of its preview holds.
	importsShown  = 20
	problemsShown = 50
)

func (s *Server) showImports(c echo.Context, b *models.Board) error {
	typed := models.Import{Tier: models.PostFeedback}
	if round, err := b.CurrentRound(); err == nil {
		typed.RoundID = round.ID
	}
	if of := b.Me().UnitID; of != nil {
		typed.UnitID = of
	} else if u, err := b.Unit(c.QueryParam("unit")); err == nil {
		typed.UnitID = &u.ID
	}
	if typed.UnitID != nil && typed.RoundID != 0 {
		if err := fillDays(b, &typed); err != nil {
			return err
		}
	}
	return s.showImportForm(c, b, http.StatusOK, typed, nil)
}

func (s *Server) showImportForm(c echo.Context, b *models.Board, status int, typed models.Import, problems models.Problems) error {
	v := views.ImportsView{
		Typed: typed, Pasted: pastedTable(c), Problems: problems, MB: s.options.ImportBytes >> 20, Rows: s.options.ImportRows, May: b.Me(), When: s.when(c, b),
	}
	var err error
	if v.Units, err = b.Units(); err != nil {
		return err
	}
	if v.Rounds, err = b.Rounds(); err != nil {
		return err
	}
	if v.Imports, err = b.Imports(importsShown); err != nil {
		return err
	}
	return s.show(c, b, status, "import", "import.title", views.ImportsPage(v))
}

// when writes moments for this reader.
func (s *Server) when(c echo.Context, b *models.Board) func(time.Time) string {
	ctx := c.Request().Context()
	return func(t time.Time) string { return text.Moment(ctx, t.In(b.Now().Location()), string(b.Today())) }
}

// fillDays gives an import the days that its round has for its unit, where the person
// left them out.
func fillDays(b *models.Board, i *models.Import) error {
	days, err := b.RoundUnit(i.RoundID, *i.UnitID)
	if err != nil {
		return err
	}
	for into, day := range map[*models.Day]models.Day{&i.NoticeOn: days.NoticeOn, &i.FeedbackOn: days.FeedbackOn, &i.WindowEnd: days.WindowEnd} {
		if *into == "" {
			*into = day
		}
	}
	return nil
}

func (s *Server) upload(c echo.Context, b *models.Board) error {
	typed, content, err := readUpload(c, b)
	if err != nil {
		return err
	}
	i, err := b.StartImport(typed, content)
	var problems models.Problems
	if errors.As(err, &problems) {
		return s.showImportForm(c, b, http.StatusUnprocessableEntity, typed, problems)
	}
	if err != nil {
		return err
	}
	reading, err := s.readSoon(c, i)
	if errors.Is(err, errStillWorking) {
		return goTo(c, views.ImportStepLink(i.ID, "preview"))
	}
	if errors.As(err, &problems) && !views.HasColumns(reading) {
		if err := b.DropImport(i); err != nil {
			return err
		}
		return s.showImportForm(c, b, http.StatusUnprocessableEntity, typed, problems)
	}
	if err != nil && !errors.As(err, &problems) {
		return errors.Join(err, s.dropImport(c, i))
	}
	step := "preview"
	if problems != nil || views.AsksColumns(reading) {
		step = "map"
	}
	return goTo(c, views.ImportStepLink(i.ID, step))
}

// readImportOf reads what a form says of a ledger: whose it is, its tier, its year and
// the days that deadlines count from.
func readImportOf(c echo.Context, b *models.Board) (i models.Import, err error) {
	i = models.Import{
		Tier: models.Tier(c.FormValue("tier")), FoundOn: models.Day(c.FormValue("found_on")), NoticeOn: models.Day(c.FormValue("notice_on")),
		FeedbackOn: models.Day(c.FormValue("feedback_on")), WindowEnd: models.Day(c.FormValue("window_end")),
	}
	i.Year = typedNumber(c, "year")
	switch {
	case b.Me().UnitID != nil:
		i.UnitID = b.Me().UnitID
	case c.FormValue("unit") != "":
		u, err := unitNamed(c, b, "unit")
		if err != nil {
			return i, err
		}
		i.UnitID = &u.ID
	}
	return i, nil
}

// readUpload reads the upload's form: what was said of the file, and the file.
func readUpload(c echo.Context, b *models.Board) (i models.Import, content []byte, err error) {
	if i, err = readImportOf(c, b); err != nil {
		return i, nil, err
	}
	if round, err := b.Round(c.FormValue("round")); err == nil {
		i.RoundID = round.ID
	}
	header, err := c.FormFile("file")
	if err != nil {
		pasted := pastedTable(c)
		switch name := text.T(c.Request().Context(), "import.pasted_file"); {
		case pasted.HTML != "":
			i.FileName, content = name+".html", []byte("<html>"+pasted.HTML)
		case strings.TrimSpace(pasted.Text) != "":
			i.FileName, content = name+".tsv", []byte(pasted.Text)
		}
		return i, content, nil // nothing was chosen: told at the field
	}
	i.FileName = header.Filename
	file, err := header.Open()
	if err != nil {
		return i, nil, err
	}
	defer file.Close()
	content, err = io.ReadAll(file)
	return i, content, err
}

// ofImport is a page about one import.
func ofImport(page func(echo.Context, *models.Board, models.Import) error) routePage {
	return about(importOf, page)
}

// pastedTable is the table that was pasted into a form, and nothing where it was not.
func pastedTable(c echo.Context) views.PastedTable {
	if c.Request().Method != http.MethodPost {
		return views.PastedTable{}
	}
	p := views.PastedTable{Text: c.FormValue("pasted"), HTML: c.FormValue("pasted_html")}
	if low := strings.ToLower(p.HTML); !strings.Contains(low, "<tr") {
		p.HTML = "" // words from elsewhere, without a table
	}
	return p
}

// importOf is the import of the address.
func importOf(c echo.Context, b *models.Board) (models.Import, error) {
	id, err := param(c, "import")
	if err != nil {
		return models.Import{}, err
	}
	return b.Import(id)
}

func (s *Server) showImport(c echo.Context, b *models.Board, i models.Import) error {
	return s.showImportStep(c, b, http.StatusOK, i, c.QueryParam("step"), false)
}

// showImportStep shows where an import is: what came of it once it was confirmed;
// before that its headings, or every row of it.
func (s *Server) showImportStep(c echo.Context, b *models.Board, status int, i models.Import, step string, moved bool) error {
	if w := s.imports.find(writingKey(i)); w != nil && i.State == models.ImportUploaded && !moved {
		if !w.wait(c.Request().Context(), s.imports.patience) {
			return s.showImportWait(c, b, i, w)
		}
		return s.endConfirmation(c, b, i, w)
	}
	v := views.ImportView{Import: i, Moved: moved, When: s.when(c, b), Now: b.Now(), Tab: c.QueryParam("tab"), Page: pageOf(c.QueryParam("page")), Size: problemsShown}
	var err error
	if v.Units, err = b.Units(); err != nil {
		return err
	}
	if i.State != models.ImportUploaded {
		if v.MayUndo, err = b.MayUndoImport(i); err != nil {
			return err
		}
		if step == "undo" && v.MayUndo {
			return s.show(c, b, status, "import", "import.title", views.ImportUndoPage(v))
		}
		return s.show(c, b, status, "import", "import.title", views.ImportDonePage(v))
	}
	reading, err := s.readSoon(c, i)
	if errors.Is(err, errStillWorking) {
		return s.showImportWait(c, b, i, s.imports.find(readingKey(c, i)))
	}
	var problems models.Problems
	if err != nil && !errors.As(err, &problems) {
		return err
	}
	v.Problems, v.Said = problems, i
	if err := fillPreview(b, &v, reading); err != nil {
		return err
	}
	if step == "map" || problems != nil {
		return s.show(c, b, status, "import", "import.title", views.ImportMapPage(v))
	}
	if v.Earlier, err = b.ImportsOf(i); err != nil {
		return err
	}
	return s.show(c, b, status, "import", "import.title", views.ImportPreviewPage(v))
}

// sayColumns takes what the headings were said to mean: a field, or "" for left out.
func (s *Server) sayColumns(c echo.Context, b *models.Board, i models.Import) error {
	form, err := c.FormParams()
	if err != nil {
		return err
	}
	said := map[string]ledger.Field{}
	for name, values := range form {
		if heading, ok := strings.CutPrefix(name, "col:"); ok && values[0] != "?" {
			said[heading] = ledger.Field(values[0])
		}
	}
	if i, err = b.SayColumns(i, said); err != nil {
		return err
	}
	return goTo(c, views.ImportStepLink(i.ID, "preview"))
}

// answerImport takes what the form of questions sends: the answer whose button was
// pressed (say: key=answer), and whatever was typed or chosen beside the others, so that
// nothing is lost.
func (s *Server) answerImport(c echo.Context, b *models.Board, i models.Import) error {
	form, err := c.FormParams()
	if err != nil {
		return err
	}
	answers, typed := map[string]models.ImportAnswer{}, map[string]string{}
	for name, values := range form {
		value := strings.TrimSpace(values[0])
		if key, own := strings.CutPrefix(name, "typed:"); own && value != "" {
			answers[key], typed[name] = models.ReadAnswer(value), value
		}
	}
	said := c.FormValue("say")
	if at := strings.LastIndex(said, "="); at >= 0 {
		key, word := said[:at], said[at+1:]
		field, column := strings.CutPrefix(word, "field:")
		switch {
		case column:
			if i, err = b.SayColumn(i, key, ledger.Field(field)); err != nil {
				return err
			}
		case word != "typed":
			answers[key] = models.ReadAnswer(word)
			delete(typed, "typed:"+key)
		}
	}
	fresh, err := b.Answer(i, answers)
	var problems models.Problems
	if errors.As(err, &problems) {
		return s.showImportAgain(c, b, views.ImportView{Import: i, Wrong: problems, Typed: typed})
	}
	if err != nil {
		return err
	}
	back := url.Values{"step": {"preview"}, "tab": {c.FormValue("tab")}, "page": {strconv.Itoa(pageOf(c.FormValue("page")))}}
	return goTo(c, views.ImportLinkOf(fresh.ID)+"?"+back.Encode())
}

// sayImportOf takes anew whose the ledger is, its tier, its year and its days.
func (s *Server) sayImportOf(c echo.Context, b *models.Board, i models.Import) error {
	said, err := readImportOf(c, b)
	if err != nil {
		return err
	}
	said.FileName = i.FileName
	fresh, err := b.SayOf(i, said)
	var problems models.Problems
	if errors.As(err, &problems) {
		return s.showImportAgain(c, b, views.ImportView{Import: i, WrongOf: problems, Said: said})
	}
	if err != nil {
		return err
	}
	return goTo(c, views.ImportStepLink(fresh.ID, "preview"))
}

// showImportAgain is the preview with what was wrong with what was sent.
func (s *Server) showImportAgain(c echo.Context, b *models.Board, v views.ImportView) error {
	reading, err := s.readNow(c, v.Import)
	if err != nil {
		return err
	}
	v.When, v.Now, v.Tab, v.Page, v.Size = s.when(c, b), b.Now(), c.FormValue("tab"), pageOf(c.FormValue("page")), problemsShown
	if v.WrongOf == nil {
		v.Said = v.Import
	}
	if err := fillPreview(b, &v, reading); err != nil {
		return err
	}
	return s.show(c, b, http.StatusUnprocessableEntity, "import", "import.title", views.ImportPreviewPage(v))
}

// fillPreview gives a view what every preview shows.
func fillPreview(b *models.Board, v *views.ImportView, reading ledger.Reading) error {
	var err error
	v.May = b.Me()
	if v.Units, err = b.Units(); err != nil {
		return err
	}
	if v.Preview, err = b.Preview(v.Import, reading); err != nil {
		return err
	}
	if of := v.Import.UnitID; of != nil {
		v.Registered, err = b.RoundUnit(v.Import.RoundID, *of)
	}
	return err
}

func (s *Server) confirmImport(c echo.Context, b *models.Board, i models.Import) error {
	w := s.startWriting(c, i, c.FormValue("print"))
	if !w.wait(c.Request().Context(), s.imports.patience) {
		return goTo(c, views.ImportLinkOf(i.ID))
	}
	return s.endConfirmation(c, b, i, w)
}

// endConfirmation says what came of a confirmation that is over.
func (s *Server) endConfirmation(c echo.Context, b *models.Board, i models.Import, w *importWork) error {
	s.imports.forget(writingKey(i))
	switch err := w.err; {
	case errors.Is(err, models.ErrImportMoved):
		return s.showImportStep(c, b, http.StatusConflict, i, "preview", true)
	case errors.Is(err, context.Canceled): // broken off
		return goTo(c, views.ImportStepLink(i.ID, "preview"))
	case err != nil && !errors.Is(err, models.ErrStale):
		return err
	}
	return goTo(c, views.ImportStepLink(i.ID, "done"))
}

func (s *Server) undoImport(c echo.Context, b *models.Board, i models.Import) error {
	if err := b.UndoImport(i); err != nil {
		return err
	}
	s.session.say(c, "import.undone")
	return goTo(c, views.ImportStepLink(i.ID, "done"))
}

const workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// refusedRows sends back what was not taken, as a workbook with the reasons.
func (s *Server) refusedRows(c echo.Context, b *models.Board, i models.Import) error {
	if len(i.Content) == 0 {
		return models.ErrNotFound // the file is kept for a day
	}
	reading, err := s.readNow(c, i)
	var problems models.Problems
	if err != nil && !errors.As(err, &problems) {
		return err
	}
	p, err := b.Preview(i, reading)
	if err != nil {
		return err
	}
	sheet, err := views.RefusedSheet(c.Request().Context(), p)
	if err != nil {
		return err
	}
	name := fmt.Sprintf("%s_%d.xlsx", text.T(c.Request().Context(), "import.refused_file"), i.ID)
	if err := b.NoteTaken(name); err != nil {
		return err
	}
	c.Response().Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	return c.Blob(http.StatusOK, workbook, sheet)
}

// ledgerTemplate is an empty ledger with the headings that an import knows.
func (s *Server) ledgerTemplate(c echo.Context, _ *models.Board) error {
	ctx := c.Request().Context()
	sheet, err := views.TemplateSheet(ctx)
	if err != nil {
		return err
	}
	c.Response().Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": text.T(ctx, "import.template_file") + ".xlsx"}))
	return c.Blob(http.StatusOK, workbook, sheet)
}
