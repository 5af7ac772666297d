package app

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"path"
	"strings"

	"github.com/labstack/echo/v4"

	"duban/models"
	"duban/views"
	"duban/views/text"
)

// exported is a ledger on its way out, in one of the forms it goes out in. It holds what a
// form does and not the form: for a workbook behind an interface the linker keeps all that
// its library can do, formulas and charts, which is a tenth of the program.
type exported struct {
	add     func(row models.ExportRow) error
	carry   func(cells []string)
	writeTo func(w io.Writer) (int64, error)
	close   func() error
}

// exportedAs begins a ledger in the form of an address's ending.
func exportedAs(ctx context.Context, ending string, frame views.ExportFrame, head views.ExportHead) (exported, error) {
	switch ending {
	case ".csv":
		l := views.NewLedgerCSV(ctx, frame)
		return exported{add: l.Add, writeTo: l.WriteTo, close: l.Close}, nil
	case ".json":
		l := views.NewLedgerJSON(ctx, frame, head)
		return exported{add: l.Add, writeTo: l.WriteTo, close: l.Close}, nil
	}
	l, err := views.NewLedgerSheet(ctx, frame, head)
	if err != nil {
		return exported{}, err
	}
	return exported{add: l.Add, carry: l.Carry, writeTo: l.WriteTo, close: l.Close}, nil
}

// exportTypes are the forms, by the endings of their addresses.
var exportTypes = map[string]string{".xlsx": workbook, ".csv": "text/csv; charset=utf-8", ".json": echo.MIMEApplicationJSON}

// export sends the ledger, in the state of the address's filter, in the form of the
// address's ending. It is made before it is sent, so that one that fails half-way is a
// clean error.
func (s *Server) export(c echo.Context, b *models.Board) error {
	ctx, ending := c.Request().Context(), path.Ext(c.Request().URL.Path)
	f, _ := models.ParseFilter(c.QueryParams(), b.Today())
	units, err := b.UnitsByID()
	if err != nil {
		return err
	}
	where, _, err := whereOf(b, b.Me())
	if err != nil {
		return err
	}
	state := views.ListState{Filter: f, Units: units}
	if f.Round != "" {
		if round, err := b.Round(f.Round); err == nil {
			state.Round = round
		}
	}
	head := views.ExportHead{
		Name: text.T(ctx, "sheet.title"), Unit: onlyUnit(f, units), Filter: views.FilterSaid(ctx, state),
		By: strings.TrimSpace(b.Me().FullName + " " + where), At: b.Now(),
	}
	frame := views.ExportFrame{Units: units, Today: b.Today(), Rules: b.Rules()}
	var out exported
	defer func() {
		if out.close != nil {
			out.close()
		}
	}()
	base := b.NewExportBase(text.T(ctx, "item.standing"))
	begin := func(items int) (err error) {
		head.Items = items
		out, err = exportedAs(ctx, ending, frame, head)
		return err
	}
	each := func(row models.ExportRow) error {
		return errors.Join(out.add(row), base.Add(row, views.ToldCells(ctx, frame, row)))
	}
	if err := b.Export(f, begin, each); err != nil {
		return err
	}
	if out.carry != nil {
		carried, err := base.Cells()
		if err != nil {
			return err
		}
		out.carry(carried)
	}
	var content bytes.Buffer
	if _, err := out.writeTo(&content); err != nil {
		return err
	}
	sentAs(c, head.FileName(b.Today())+ending)
	return c.Blob(http.StatusOK, exportTypes[ending], content.Bytes())
}

// sentAs names a download.
func sentAs(c echo.Context, name string) {
	c.Response().Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
}

// onlyUnit is the name of the one unit whose items these are, "" when they may be
// several's.
func onlyUnit(f models.Filter, units map[int64]models.Unit) string {
	for _, u := range units {
		if len(units) == 1 || len(f.Units) == 1 && f.Units[0] == u.Code {
			return u.Name
		}
	}
	return ""
}
