package app

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"duban/models"
	"duban/views"
)

// sentBlock is a block of cells as a page sends it: rows by their items' numbers, and of
// each cell what was seen there and what is wanted. Skipped is how many columns of what was
// pasted nobody writes in, Over how many of its rows have no row of the page beside them.
type sentBlock struct {
	Rows    []sentRow `json:"rows"`
	Skipped int       `json:"skipped,omitempty"`
	Over    int       `json:"over,omitempty"`
}

// sentRow is one row of it.
type sentRow struct {
	Number  string                         `json:"no"`
	Version int                            `json:"v"`
	Cells   map[models.SheetCell][2]string `json:"cells"`
}

// rowsOf are the rows of a block that is sent, or, where a form names items one by one, of
// the cells it has for all of them.
func (s *Server) rowsOf(c echo.Context, b *models.Board) (rows []models.CellRow, block sentBlock, err error) {
	e, err := s.cellEditor(c, b)
	if err != nil {
		return nil, block, err
	}
	if sent := c.FormValue("block"); sent != "" {
		if err := json.Unmarshal([]byte(sent), &block); err != nil {
			return nil, block, echo.NewHTTPError(http.StatusBadRequest)
		}
	} else if block, err = chosenBlock(c, b); err != nil {
		return nil, block, err
	}
	if len(block.Rows) > models.MostRows {
		return nil, block, models.Refused{Key: "block.rows", Args: []any{models.MostRows}}
	}
	for _, r := range block.Rows {
		row := models.CellRow{Number: r.Number, Version: r.Version}
		for _, cell := range models.SheetCells() {
			if said, named := r.Cells[cell]; named {
				row.Edits = append(row.Edits, e.edit(cell, said[0], said[1]))
			}
		}
		rows = append(rows, row)
	}
	return rows, block, nil
}

// chosenBlock is the same words for the same cells of all the items that are chosen.
func chosenBlock(c echo.Context, b *models.Board) (block sentBlock, err error) {
	cells := map[models.SheetCell][2]string{}
	for _, cell := range views.BulkCells {
		if typed := strings.TrimSpace(c.FormValue("to_" + string(cell))); typed != "" {
			cells[cell] = [2]string{"", typed}
		}
	}
	items, err := chosenMany(c, b)
	if err != nil || len(cells) == 0 {
		return block, err
	}
	for _, item := range items {
		block.Rows = append(block.Rows, sentRow{item.Number, item.Version, cells})
	}
	return block, nil
}

// chosenMany are the items that boxes name, or all of a filter up to as many as are edited
// at once.
func chosenMany(c echo.Context, b *models.Board) ([]models.Card, error) {
	if match := c.FormValue("match"); match != "" {
		q, err := url.ParseQuery(match)
		if err != nil {
			return nil, models.ErrNotFound
		}
		f, _ := models.ParseFilter(q, b.Today())
		f.Page, f.Size = 1, models.MostRows
		return b.List(f)
	}
	items, err := chosenItems(c, b)
	cards := make([]models.Card, len(items))
	for n, item := range items {
		cards[n] = item.Card()
	}
	return cards, err
}

// draftBlock says what writing a block would do, row by row and unit by unit.
func (s *Server) draftBlock(c echo.Context, b *models.Board) error {
	rows, block, err := s.rowsOf(c, b)
	if err != nil {
		return err
	}
	v := views.BlockView{Reason: c.FormValue("reason"), Skipped: block.Skipped, Over: block.Over, From: from(c, b)}
	if v.Rows, err = b.WouldEditRows(rows, blockReason(v.Reason)); err != nil {
		return err
	}
	v.Block = blockOf(v.Rows)
	return s.showBlock(c, b, http.StatusOK, v)
}

// blockReason stands for the reason that the preview is still to ask for, so that only what
// else is wrong is said.
func blockReason(said string) string {
	if said = strings.TrimSpace(said); said != "" {
		return said
	}
	return "-"
}

// blockOf is what of some rows would change, to be sent when that is confirmed.
func blockOf(rows []models.CellRowDone) string {
	var block sentBlock
	for _, r := range rows {
		if r.Err != nil || len(r.Changed) == 0 {
			continue
		}
		cells := map[models.SheetCell][2]string{}
		for _, e := range r.Changed {
			cells[e.Cell] = [2]string{e.Was, e.Is}
		}
		block.Rows = append(block.Rows, sentRow{r.Number, r.Version, cells})
	}
	sent, err := json.Marshal(block)
	if err != nil {
		return "" // strings and numbers are always written
	}
	return string(sent)
}

// saveBlock writes it, and says of each row whether it was done.
func (s *Server) saveBlock(c echo.Context, b *models.Board) error {
	rows, _, err := s.rowsOf(c, b)
	if err != nil {
		return err
	}
	v := views.BlockView{Reason: c.FormValue("reason"), From: from(c, b)}
	needed, err := b.WouldEditRows(rows, v.Reason)
	if err != nil {
		return err
	}
	for _, r := range needed {
		var p models.Problems
		if errors.As(r.Err, &p) && p.Of("reason") != nil {
			v.Problems.Add("reason", "cell.reason")
			if v.Rows, err = b.WouldEditRows(rows, "-"); err != nil {
				return err
			}
			v.Block = blockOf(v.Rows)
			return s.showBlock(c, b, http.StatusUnprocessableEntity, v)
		}
	}
	if v.Rows, err = b.EditRows(rows, v.Reason); err != nil {
		return err
	}
	v.Done = true
	return s.showBlock(c, b, http.StatusOK, v)
}

func (s *Server) showBlock(c echo.Context, b *models.Board, status int, v views.BlockView) error {
	var err error
	if v.Units, err = b.UnitsByID(); err != nil {
		return err
	}
	for _, r := range v.Rows {
		for _, e := range r.Changed {
			v.Reasoned = v.Reasoned || r.Err == nil && b.NeedsReason(e.Cell, r.Item)
		}
	}
	return s.show(c, b, status, "items", "block.title", views.BlockPage(v))
}

// newBulk is the form for what is to be the same in all the items that are chosen.
func (s *Server) newBulk(c echo.Context, b *models.Board) error {
	cards, err := chosenMany(c, b)
	if err != nil {
		return err
	}
	v := views.BulkView{Cards: cards, Match: c.FormValue("match"), From: from(c, b)}
	if v.Units, err = b.UnitsByID(); err != nil {
		return err
	}
	for _, cell := range views.BulkCells {
		if b.MayEdit(cell) {
			v.Cells = append(v.Cells, cell)
		}
	}
	return s.show(c, b, http.StatusOK, "items", "bulk.edit", views.BulkPage(v))
}
