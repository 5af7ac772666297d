package app

import (
	"cmp"
	"errors"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"duban/models"
	"duban/views"
)

// ofLetter is a page about one letter.
func ofLetter(page func(echo.Context, *models.Board, models.Letter) error) routePage {
	return about(letterOf, page)
}

// letterOf is the letter of the address. A deed's form carries the version its page was drawn
// from.
func letterOf(c echo.Context, b *models.Board) (models.Letter, error) {
	id, err := param(c, "letter")
	if err != nil {
		return models.Letter{}, err
	}
	letter, err := b.Letter(id)
	if c.Request().Method == http.MethodPost {
		letter.Version = seenVersion(c)
	}
	return letter, err
}

func (s *Server) showLetters(c echo.Context, b *models.Board) error {
	f := models.LetterFilter{Status: models.LetterStatus(c.QueryParam("status")), Kind: models.LetterKind(c.QueryParam("kind"))}
	code := c.QueryParam("unit")
	if code != "" {
		unit, err := b.Unit(code)
		if err != nil {
			return err
		}
		f.Unit = unit.ID
	}
	v, err := lettersView(b, f)
	if err != nil {
		return err
	}
	v.Unit = code
	if overseers(b.Me()) {
		r, err := b.CurrentRound()
		if err != nil && !errors.Is(err, models.ErrNotFound) {
			return err
		}
		v.Round = r.Code
	}
	return s.show(c, b, http.StatusOK, "letters", "letter.title", views.LettersPage(v))
}

// lettersView are the letters of a filter, with all that a list shows of them.
func lettersView(b *models.Board, f models.LetterFilter) (views.LettersView, error) {
	role := b.Me().Role
	v := views.LettersView{Filter: f, Own: role.OfUnit() || f.Unit != 0, Drafts: role == models.Supervisor || role == models.Office}
	var err error
	if v.Letters, v.More, err = b.Letters(f); err != nil {
		return v, err
	}
	if v.Items, err = b.LetterItems(v.Letters...); err != nil {
		return v, err
	}
	if v.Units, err = b.UnitsByID(); err != nil {
		return v, err
	}
	var ids []int64
	for _, l := range v.Letters {
		ids = append(ids, l.People()...)
	}
	v.Names, err = b.NamesOf(ids)
	return v, err
}

// chosenItems are the items that an address or a list's boxes name.
func chosenItems(c echo.Context, b *models.Board) ([]models.Item, error) {
	form, err := c.FormParams()
	if err != nil {
		return nil, err
	}
	return b.ItemsNamed(slices.Concat(form["item"], form["no"]))
}

// byUnit are the letters that would be written about these items: one for each unit,
// in the organisation's order, and the kind that is the highest of their next steps.
func byUnit(b *models.Board, items []models.Item) ([]views.NewLetter, error) {
	cards := make([]models.Card, len(items))
	for n, item := range items {
		cards[n] = item.Card()
	}
	steps, _, err := b.Steps(cards)
	if err != nil {
		return nil, err
	}
	units, err := b.UnitsByID()
	if err != nil {
		return nil, err
	}
	var all []views.NewLetter
	for _, item := range items {
		n := slices.IndexFunc(all, func(l views.NewLetter) bool { return l.Unit.ID == item.UnitID })
		if n < 0 {
			all = append(all, views.NewLetter{Unit: units[item.UnitID], Kind: models.LetterReminder, Steps: steps})
			n = len(all) - 1
		}
		all[n].Items = append(all[n].Items, item)
		if step := steps[item.ID]; step.Do == models.StepWrite {
			kinds := models.LetterKinds()
			all[n].Kind = kinds[max(slices.Index(kinds, all[n].Kind), slices.Index(kinds, step.Kind))]
		}
	}
	slices.SortFunc(all, func(a, z views.NewLetter) int { return cmp.Compare(a.Unit.Seq, z.Unit.Seq) })
	return all, nil
}

func (s *Server) newLetters(c echo.Context, b *models.Board) error {
	items, err := chosenItems(c, b)
	if err != nil {
		return err
	}
	v := views.NewLettersView{}
	items = slices.DeleteFunc(items, func(item models.Item) bool {
		closed := item.Status == models.Closed
		if closed {
			v.Closed = append(v.Closed, item.Number)
		}
		return closed
	})
	if v.Units, err = byUnit(b, items); err != nil {
		return err
	}
	return s.show(c, b, http.StatusOK, "letters", "letter.new", views.NewLettersPage(v))
}

// draftLetters writes one draft a unit, and goes to it, or to the list of drafts when
// there are several.
func (s *Server) draftLetters(c echo.Context, b *models.Board) error {
	items, err := chosenItems(c, b)
	if err != nil {
		return err
	}
	all, err := byUnit(b, items)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return goTo(c, views.NewLettersPath)
	}
	var asked []models.LetterDraftAsk
	for _, n := range all {
		kind := n.Kind
		if chosen := models.LetterKind(c.FormValue("kind-" + n.Unit.Code)); chosen.Valid() {
			kind = chosen
		}
		past, err := b.LetterPast(n.Items)
		if err != nil {
			return err
		}
		says := views.LetterText(c.Request().Context(), kind, n.Unit, past, b.Rules())
		asked = append(asked, models.LetterDraftAsk{LetterAsk: says, Items: n.Items})
	}
	drafts, err := b.DraftLetters(asked)
	if err != nil {
		return err
	}
	s.session.say(c, "letter.drafted")
	if len(drafts) > 1 {
		return goTo(c, views.LettersLink("", models.LetterDraft))
	}
	return goTo(c, views.LetterLink(drafts[0].ID))
}

func (s *Server) showLetter(c echo.Context, b *models.Board, l models.Letter) error {
	return s.showLetterPage(c, b, http.StatusOK, l, views.LetterTyped{})
}

func (s *Server) showLetterPage(c echo.Context, b *models.Board, status int, l models.Letter, typed views.LetterTyped) error {
	if typed.Of != models.ReviseLetter {
		typed.Ask = models.LetterAsk{Kind: l.Kind, Title: l.Title, Body: l.Body, Copies: l.Copies, DemandOn: l.DemandOn}
	}
	v := views.LetterView{Letter: l, May: b.MayLetter, Typed: typed}
	of, err := b.LetterItems(l)
	if err != nil {
		return err
	}
	v.Items = of[l.ID]
	if v.Units, err = b.UnitsByID(); err != nil {
		return err
	}
	if v.Proof, err = b.LetterEvidence(l); err != nil {
		return err
	}
	v.Unit = v.Units[l.UnitID]
	if v.Names, err = b.NamesOf(l.People()); err != nil {
		return err
	}
	return s.show(c, b, status, "letters", strings.TrimSpace(l.Title+" "+l.Number), views.LetterPage(v))
}

// letterDone ends a deed on a letter: with the letter as it now is, or with the form
// again and all that was typed.
func (s *Server) letterDone(c echo.Context, b *models.Board, l models.Letter, err error, typed views.LetterTyped, said string) error {
	return endDeed(err, &typed.NotDone, func() error {
		s.session.say(c, said)
		return goTo(c, views.LetterLink(l.ID))
	}, func(status int) error {
		fresh, err := b.Letter(l.ID)
		if err != nil {
			return err
		}
		return s.showLetterPage(c, b, status, fresh, typed)
	})
}

func (s *Server) reviseLetter(c echo.Context, b *models.Board, l models.Letter) error {
	ask := models.LetterAsk{
		Kind: models.LetterKind(c.FormValue("kind")), Title: c.FormValue("title"), Body: c.FormValue("body"),
		Copies: c.FormValue("copies"), DemandOn: models.Day(c.FormValue("demand_on")),
	}
	_, err := b.ReviseLetter(l, ask)
	return s.letterDone(c, b, l, err, views.LetterTyped{Of: models.ReviseLetter, Ask: ask}, "letter.saved")
}

func (s *Server) signLetter(c echo.Context, b *models.Board, l models.Letter) error {
	_, err := b.SignLetter(l)
	return s.letterDone(c, b, l, err, views.LetterTyped{Of: models.SignLetter}, "letter.signed.said")
}

func (s *Server) acknowledgeLetter(c echo.Context, b *models.Board, l models.Letter) error {
	_, err := b.AcknowledgeLetter(l)
	return s.letterDone(c, b, l, err, views.LetterTyped{Of: models.AcknowledgeLetter}, "letter.acknowledged.said")
}

func (s *Server) answerLetter(c echo.Context, b *models.Board, l models.Letter) error {
	answer := models.LetterAnswer{Text: c.FormValue("answer"), Doc: c.FormValue("doc")}
	_, err := b.AnswerLetter(l, answer)
	return s.letterDone(c, b, l, err, views.LetterTyped{Of: models.AnswerLetter, Text: answer.Text, Doc: answer.Doc}, "letter.answered.said")
}

func (s *Server) judgeLetter(c echo.Context, b *models.Board, l models.Letter) error {
	words := c.FormValue("words")
	_, err := b.JudgeAnswer(l, c.FormValue("verdict") == "accepted", words)
	return s.letterDone(c, b, l, err, views.LetterTyped{Of: models.AcceptAnswer, Text: words}, "letter.judged.said")
}

func (s *Server) withdrawLetter(c echo.Context, b *models.Board, l models.Letter) error {
	words := c.FormValue("words")
	_, err := b.WithdrawLetter(l, words)
	return s.letterDone(c, b, l, err, views.LetterTyped{Of: models.WithdrawLetter, Text: words}, "letter.withdrawn.said")
}

// sendLetter is the letter as a Word file, to be printed, or to be edited further. The
// department is that of whoever signed it, or would.
func (s *Server) sendLetter(c echo.Context, b *models.Board, l models.Letter) error {
	of, err := b.LetterItems(l)
	if err != nil {
		return err
	}
	units, err := b.UnitsByID()
	if err != nil {
		return err
	}
	names, err := b.NamesOf(l.People())
	if err != nil {
		return err
	}
	by := names[cmp.Or(l.SignedBy, l.DraftedBy)]
	unit := units[l.UnitID]
	file, err := views.LetterPaper(c.Request().Context(), l, of[l.ID], unit, by.Body, names[l.SignedBy].FullName)
	if err != nil {
		return err
	}
	name := strings.Join(strings.Fields(unit.Name+" "+l.Title+" "+l.Number), "_") + ".docx"
	return sendPaper(c, b, name, file)
}

// sendPaper sends a Word file, and has the trail know.
func sendPaper(c echo.Context, b *models.Board, name string, file []byte) error {
	if err := b.NoteTaken(name); err != nil {
		return err
	}
	c.Response().Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	return c.Blob(http.StatusOK, "application/vnd.openxmlformats-officedocument.wordprocessingml.document", file)
}

// signersOf are those who signed these letters.
func signersOf(b *models.Board, letters []models.Letter) (map[int64]models.User, error) {
	var ids []int64
	for _, l := range letters {
		ids = append(ids, l.SignedBy)
	}
	return b.NamesOf(ids)
}
