package app

import (
	"bytes"
	"errors"
	"mime"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"duban/models"
	"duban/views"
	"duban/views/text"
)

// export sends the ledger, in the state of the address's filter, as a workbook. It
// is made before it is sent, so that one that fails half-way is a clean error.
func (s *Server) export(c echo.Context, b *models.Board) error {
	ctx := c.Request().Context()
	f, _ := models.ParseFilter(c.QueryParams(), b.Today())
	units, err := b.UnitsByID()
	if err != nil {
		return err
	}
	where, _, err := whereOf(b, b.Me())
	if err != nil {
		return err
	}
	name := []string{text.T(ctx, "sheet.title")}
	if of := onlyUnit(f, units); of != "" {
		name = append(name, of)
	}
	title, by := strings.Join(name, " "), strings.TrimSpace(b.Me().FullName+" "+where)
	var sheet *views.LedgerSheet
	begin := func(items int) (err error) {
		note := text.T(ctx, "sheet.note", by, b.Now().Format("2006-01-02 15:04"), items)
		sheet, err = views.NewLedgerSheet(ctx, units, title, note)
		return err
	}
	defer func() {
		if sheet != nil {
			sheet.Close()
		}
	}()
	base := b.NewExportBase(text.T(ctx, "item.standing"))
	each := func(row models.ExportRow) error { return errors.Join(sheet.Add(row), base.Add(row)) }
	if err := b.Export(f, begin, each); err != nil {
		return err
	}
	carried, err := base.Cells()
	if err != nil {
		return err
	}
	sheet.Carry(carried)
	var out bytes.Buffer
	if _, err := sheet.WriteTo(&out); err != nil {
		return err
	}
	file := strings.Join(append(name, string(b.Today())), "_") + ".xlsx"
	c.Response().Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": file}))
	return c.Blob(http.StatusOK, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", out.Bytes())
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
