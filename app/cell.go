package app

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"duban/models"
	"duban/models/deadline"
	"duban/models/hanzi"
	"duban/views"
	"duban/views/text"
)

// cellEditor reads what people type into cells: a unit by its name or its code, a tier by
// what it is called in their language.
type cellEditor struct {
	units []models.Unit
	tiers map[string]models.Tier
}

// cellEditor is one for this person.
func (s *Server) cellEditor(c echo.Context, b *models.Board) (cellEditor, error) {
	e := cellEditor{tiers: map[string]models.Tier{}}
	for _, t := range deadline.Tiers() {
		e.tiers[text.T(c.Request().Context(), "tier."+string(t))], e.tiers[string(t)] = t, t
	}
	var err error
	e.units, err = b.Units()
	return e, err
}

// meant is what a text that was typed into a cell means to the register.
func (e cellEditor) meant(cell models.SheetCell, typed string) string {
	typed = strings.TrimSpace(typed)
	switch cell {
	case models.CellUnit:
		if n := slices.IndexFunc(e.units, func(u models.Unit) bool { return u.Name == typed || u.Code == strings.ToLower(typed) }); n >= 0 {
			return e.units[n].Code
		}
	case models.CellTier:
		if t, known := e.tiers[typed]; known {
			return string(t)
		}
		if t, known := deadline.TierOf(typed); known {
			return string(t)
		}
	}
	return typed
}

// edit is one cell's.
func (e cellEditor) edit(cell models.SheetCell, was, is string) models.CellEdit {
	return models.CellEdit{Cell: cell, Was: e.meant(cell, was), Is: e.meant(cell, is)}
}

// asRow says whether a script waits for the row alone.
func asRow(c echo.Context) bool { return c.FormValue("as") == "row" }

// saveCells writes the cells that a form names: of the row in the page, where a script
// sends one, or of the row as a form.
func (s *Server) saveCells(c echo.Context, b *models.Board, item models.Item) error {
	e, err := s.cellEditor(c, b)
	if err != nil {
		return err
	}
	form, err := c.FormParams()
	if err != nil {
		return err
	}
	v := views.CellsView{Item: item, From: from(c, b), Typed: map[models.SheetCell]string{}, Reason: c.FormValue("reason")}
	var edits []models.CellEdit
	for _, cell := range models.SheetCells() {
		if typed, sent := form[string(cell)]; sent {
			v.Typed[cell] = typed[0]
			edits = append(edits, e.edit(cell, form.Get("was_"+string(cell)), typed[0]))
		}
	}
	saved, err := b.EditItem(item, edits, v.Reason)
	if err == nil && asRow(c) {
		return s.sendRow(c, b, saved)
	}
	return s.cellsDone(c, b, v, saved, err, "cell.saved")
}

// undoCells puts back what the same person has just written.
func (s *Server) undoCells(c echo.Context, b *models.Board, item models.Item) error {
	saved, err := b.UndoItem(item)
	if err == nil && asRow(c) {
		return s.sendRow(c, b, saved)
	}
	return s.cellsDone(c, b, views.CellsView{Item: item, From: from(c, b), Undo: true}, saved, err, "cell.undone")
}

// cellsDone ends an edit of cells: with the list, at the item, or with what is wrong.
func (s *Server) cellsDone(c echo.Context, b *models.Board, v views.CellsView, saved models.Item, err error, said string) error {
	var refused models.Refused
	status := http.StatusConflict
	switch {
	case err == nil:
		s.session.say(c, said, saved.Number)
		return goTo(c, views.ItemsLink(v.From)+"#r-"+saved.Number)
	case errors.As(err, &v.Problems):
		status = http.StatusUnprocessableEntity
	case errors.As(err, &v.Conflict), errors.Is(err, models.ErrStale):
		v.Stale = true
	case errors.As(err, &refused):
		v.Refused = &refused
	case errors.Is(err, models.ErrForbidden) && asRow(c):
		status, v.Refused = http.StatusForbidden, &models.Refused{Key: "error.forbidden"}
	default:
		return err
	}
	fresh, err := b.Item(v.Item.Number)
	if err != nil {
		return err
	}
	v.Item = fresh
	if !asRow(c) {
		return s.showCells(c, b, status, v)
	}
	if v, err = s.cellsView(c, b, v); err != nil {
		return err
	}
	return send(c, b, status, views.CellAnswer(v))
}

// editRow is a row of the list as a form.
func (s *Server) editRow(c echo.Context, b *models.Board, item models.Item) error {
	return s.showCells(c, b, http.StatusOK, views.CellsView{Item: item, From: from(c, b)})
}

func (s *Server) showCells(c echo.Context, b *models.Board, status int, v views.CellsView) error {
	v, err := s.cellsView(c, b, v)
	if err != nil {
		return err
	}
	return s.show(c, b, status, "items", v.Item.Number+" "+v.Item.Title, views.CellsPage(v))
}

// cellsView is the row with what stands in its cells and what they offer.
func (s *Server) cellsView(c echo.Context, b *models.Board, v views.CellsView) (views.CellsView, error) {
	var err error
	if v.Units, err = b.Units(); err != nil {
		return v, err
	}
	for _, cell := range models.SheetCells() {
		f := views.CellField{Cell: cell, WhyNot: b.WhyNotEdit(cell, v.Item), Reasoned: b.NeedsReason(cell, v.Item)}
		if f.Here, err = b.CellText(cell, v.Item); err != nil {
			return v, err
		}
		if !asRow(c) && f.WhyNot == nil {
			if f.Offers, err = b.CellNames(cell, v.Item); err != nil {
				return v, err
			}
		}
		f.Typed, f.Sent = v.Typed[cell]
		v.Fields = append(v.Fields, f)
	}
	return v, nil
}

// sendRow is the row of an item as the list shows it.
func (s *Server) sendRow(c echo.Context, b *models.Board, item models.Item) error {
	units, err := b.UnitsByID()
	if err != nil {
		return err
	}
	v := views.LedgerView{ListState: views.ListState{Filter: from(c, b), Units: units, Path: views.ItemsPath, Today: b.Today()}, Cards: []models.Card{item.Card()}}
	if err := ledgerCells(b, &v); err != nil {
		return err
	}
	return send(c, b, http.StatusOK, views.LedgerRow(v))
}

// ledgerCells adds to a page of the ledger what is edited in it.
func ledgerCells(b *models.Board, v *views.LedgerView) error {
	for _, cell := range models.SheetCells() {
		if b.MayEdit(cell) {
			v.Editable = append(v.Editable, cell)
		}
	}
	if !v.Long() {
		return nil
	}
	var err error
	v.LongCells, err = b.LongCellsOf(v.Cards)
	return err
}

// cellNames are what a cell offers as one types, with their initials in pinyin.
func (s *Server) cellNames(c echo.Context, b *models.Board, item models.Item) error {
	cell := models.SheetCell(cmp.Or(c.Param("cell"), "-"))
	if !cell.Known() {
		return models.ErrNotFound
	}
	names := [][2]string{}
	add := func(name string) { names = append(names, [2]string{name, hanzi.Initials(name)}) }
	switch cell {
	case models.CellUnit:
		units, err := b.Units()
		if err != nil {
			return err
		}
		for _, u := range units {
			add(u.Name)
		}
	case models.CellTier:
		for _, t := range deadline.Tiers() {
			add(text.T(c.Request().Context(), "tier."+string(t)))
		}
	default:
		words, err := b.CellNames(cell, item)
		if err != nil {
			return err
		}
		for _, word := range words {
			add(word)
		}
	}
	return c.JSON(http.StatusOK, names)
}
