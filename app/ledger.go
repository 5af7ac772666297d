package app

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"duban/models"
	"duban/views"
	"duban/views/text"
)

// listState reads the filter of a list's address and counts what it names.
func (s *Server) listState(c echo.Context, b *models.Board, path string) (views.ListState, error) {
	ctx := c.Request().Context()
	f, ignored := models.ParseFilter(c.QueryParams(), b.Today())
	v := views.ListState{Filter: f, Ignored: ignored, Path: path, AsOf: text.Moment(ctx, b.Now(), string(b.Today()))}
	var err error
	if v.Units, err = b.UnitsByID(); err != nil {
		return v, err
	}
	if v.All, err = b.Tally(models.Filter{}); err != nil {
		return v, err
	}
	v.Shown, v.Chips = v.All, v.All
	if f.Narrow() || f.Round != "" {
		if v.Shown, err = b.Tally(f); err != nil {
			return v, err
		}
		v.Chips = v.Shown
		if len(f.Lights) > 0 {
			unlit := f
			unlit.Lights = nil
			if v.Chips = v.All; unlit.Narrow() || unlit.Round != "" {
				if v.Chips, err = b.Tally(unlit); err != nil {
					return v, err
				}
			}
		}
	}
	rounds, err := b.Rounds()
	if err != nil {
		return v, err
	}
	if len(rounds) > 0 {
		v.Round = rounds[0]
		if n := slices.IndexFunc(rounds, func(r models.Round) bool { return r.Code == f.Round }); n >= 0 {
			v.Round = rounds[n]
		}
	}
	v.Picks, err = s.picks(c, b, v, rounds)
	return v, err
}

// picks are the menus of a list: rounds when there are several, units for who
// sees several, leaders, tiers.
func (s *Server) picks(c echo.Context, b *models.Board, v views.ListState, rounds []models.Round) ([]views.Pick, error) {
	ctx, now, f := c.Request().Context(), b.Today(), v.Filter
	link := func(key, value string) string {
		if q := f.With(key, value, now).Encode(); q != "" {
			return v.Path + "?" + q
		}
		return v.Path
	}
	menu := func(label, key, chosen string, choices []views.Choice) views.Pick {
		p := views.Pick{Label: text.T(ctx, label), Value: text.T(ctx, "filter.all"), On: chosen != ""}
		for _, choice := range append([]views.Choice{{Value: "", Label: text.T(ctx, "filter.all")}}, choices...) {
			if choice.Value == chosen {
				p.Value = choice.Label
			}
			p.Choices = append(p.Choices, views.PickChoice{Label: choice.Label, Link: link(key, choice.Value), Current: choice.Value == chosen})
		}
		return p
	}
	var picks []views.Pick
	if len(rounds) > 1 {
		var choices []views.Choice
		for _, r := range rounds {
			choices = append(choices, views.Choice{Value: r.Code, Label: r.Name})
		}
		picks = append(picks, menu("filter.round", "round", f.Round, choices))
	}
	var tiers []views.Choice
	for _, t := range models.Tiers() {
		tiers = append(tiers, views.Choice{Value: t.Query(), Label: text.T(ctx, "tier."+string(t))})
	}
	picks = append(picks, menu("filter.tier", "tier", f.Values().Get("tier"), tiers))
	if b.Me().Role.SeesAll() {
		var choices []views.Choice
		for _, u := range inOrder(v.Units) {
			choices = append(choices, views.Choice{Value: u.Code, Label: u.Name})
		}
		picks = append(picks, menu("filter.unit", "unit", f.Values().Get("unit"), choices))
	}
	leaders, err := b.Leaders(f, 60)
	if err != nil {
		return nil, err
	}
	if len(leaders) > 1 || f.Leader != "" {
		var choices []views.Choice
		for _, name := range leaders {
			choices = append(choices, views.Choice{Value: name, Label: name})
		}
		p := menu("filter.leader", "leader", f.Leader, choices)
		p.Small = true
		picks = append(picks, p)
	}
	return picks, nil
}

func inOrder(byID map[int64]models.Unit) []models.Unit {
	var units []models.Unit
	for _, u := range byID {
		units = append(units, u)
	}
	slices.SortFunc(units, func(a, z models.Unit) int {
		if a.Seq != z.Seq {
			return a.Seq - z.Seq
		}
		return int(a.ID - z.ID)
	})
	return units
}

// tabs are the views everybody has, each with the number of its rows.
func (s *Server) tabs(c echo.Context, b *models.Board, v views.ListState) ([]views.Tab, error) {
	ctx, now := c.Request().Context(), b.Today()
	week, err := b.Count(models.Filter{}.With("due", "week", now))
	if err != nil {
		return nil, err
	}
	var tabs []views.Tab
	add := func(label string, n int, bad bool, query ...string) {
		f := models.Filter{}
		if len(query) == 2 {
			f = f.With(query[0], query[1], now)
		}
		link := v.Path
		if q := f.Encode(); q != "" {
			link += "?" + q
		}
		tabs = append(tabs, views.Tab{Label: label, Link: link, N: n, Bad: bad, Current: f.Encode() == v.Filter.Encode()})
	}
	add(text.T(ctx, "views.all"), v.All.N(), false)
	add(text.T(ctx, "views.open"), v.All.Open(), false, "status", "open")
	add(text.T(ctx, "views.overdue"), v.All.Overdue(), true, "light", "overdue")
	add(text.T(ctx, "views.soon"), v.All.Soon(), false, "light", "soon")
	add(text.T(ctx, "views.week"), int(week), false, "due", "week")
	add(text.T(ctx, "views.review"), v.All.Review(), false, "light", "review")
	add(text.T(ctx, "views.idle", models.IdleDays), v.All.Idle(), false, "idle", "14")
	return tabs, nil
}

func (s *Server) showBoard(c echo.Context, b *models.Board) error {
	state, err := s.listState(c, b, views.BoardPath)
	if err != nil {
		return err
	}
	v := views.BoardView{ListState: state, MayImport: importers(b.Me())}
	if v.Tabs, err = s.tabs(c, b, state); err != nil {
		return err
	}
	if v.Cells, err = b.Cells(state.Filter, state.Shown); err != nil {
		return err
	}
	return s.show(c, b, http.StatusOK, "board", "board.title", views.BoardPage(v))
}

func (s *Server) showLedger(c echo.Context, b *models.Board) error {
	state, err := s.listState(c, b, views.ItemsPath)
	if err != nil {
		return err
	}
	v := views.LedgerView{ListState: state, MayImport: importers(b.Me())}
	if v.Tabs, err = s.tabs(c, b, state); err != nil {
		return err
	}
	if v.Cards, err = b.List(state.Filter); err != nil {
		return err
	}
	return s.show(c, b, http.StatusOK, "items", "ledger.title", views.LedgerPage(v))
}
