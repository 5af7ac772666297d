package app

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"duban/models"
	"duban/models/deadline"
	"duban/views"
	"duban/views/text"
)

// listState reads the filter of a list's address and counts what it names.
func (s *Server) listState(c echo.Context, b *models.Board, path string) (views.ListState, error) {
	ctx := c.Request().Context()
	f, ignored := models.ParseFilter(c.QueryParams(), b.Today())
	v := views.ListState{Filter: f, Ignored: ignored, Path: path, Today: b.Today(), AsOf: text.Moment(ctx, b.Now(), string(b.Today()))}
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
	v.Picks, v.More, err = s.picks(c, b, v, rounds)
	return v, err
}

// picks are the menus of a list: rounds when there are several, units for who sees
// several, leaders, tiers; and those that are rarely wanted.
func (s *Server) picks(c echo.Context, b *models.Board, v views.ListState, rounds []models.Round) (picks, more []views.Pick, err error) {
	ctx, now, f := c.Request().Context(), b.Today(), v.Filter
	values := f.Values()
	link := func(q string) string {
		if q != "" {
			return v.Path + "?" + q
		}
		return v.Path
	}
	menu := func(label, key string, choices []views.Choice) views.Pick {
		chosen, query := values.Get(key), f.Queries(key, now)
		p := views.Pick{Key: key, Label: text.T(ctx, label), Value: text.T(ctx, "filter.all"), On: chosen != ""}
		for n, choice := range append([]views.Choice{{Value: "", Label: text.T(ctx, "filter.all")}}, choices...) {
			if choice.Value == chosen {
				p.Value = choice.Label
			} else if n == 0 && chosen != "" {
				p.Value = text.T(ctx, "filter.some")
			}
			p.Choices = append(p.Choices, views.PickChoice{Label: choice.Label, Link: link(query(choice.Value)), Current: choice.Value == chosen})
		}
		return p
	}
	same := func(words []string) []views.Choice {
		var choices []views.Choice
		for _, w := range words {
			choices = append(choices, views.Choice{Value: w, Label: w})
		}
		return choices
	}
	if len(rounds) > 1 {
		var choices []views.Choice
		for _, r := range rounds {
			choices = append(choices, views.Choice{Value: r.Code, Label: r.Name})
		}
		picks = append(picks, menu("filter.round", "round", choices))
	}
	var tiers, statuses []views.Choice
	for _, t := range deadline.Tiers() {
		tiers = append(tiers, views.Choice{Value: t.Query(), Label: text.T(ctx, "tier."+string(t))})
	}
	picks = append(picks, menu("filter.tier", "tier", tiers))
	if b.Me().Role.SeesAll() {
		var choices []views.Choice
		for _, u := range inOrder(v.Units) {
			choices = append(choices, views.Choice{Value: u.Code, Label: u.Name})
		}
		picks = append(picks, menu("filter.unit", "unit", choices))
	}
	leaders, err := b.Leaders(f, mostChoices)
	if err != nil {
		return nil, nil, err
	}
	if len(leaders) > 1 || f.Leader != "" {
		p := menu("filter.leader", "leader", same(leaders))
		p.Small = true
		picks = append(picks, p)
	}
	for _, status := range models.Statuses() {
		statuses = append(statuses, views.Choice{Value: status.Query(), Label: text.T(ctx, "status."+string(status))})
	}
	statuses = append([]views.Choice{{Value: "open", Label: text.T(ctx, "status.open")}}, statuses...)
	more = append(more, menu("filter.status", "status", statuses))
	var letters []views.Choice
	for _, fit := range models.LetterFits {
		letters = append(letters, views.Choice{Value: string(fit), Label: text.T(ctx, "filter.letter."+string(fit))})
	}
	if lettered := menu("filter.letter", "letter", letters); v.Path == views.OverduePath {
		lettered.Small = true
		picks = append(picks, lettered)
	} else {
		more = append(more, lettered)
	}
	categories, err := b.Categories(f, mostChoices)
	if err != nil {
		return nil, nil, err
	}
	if len(categories) > 0 {
		more = append(more, menu("filter.cat", "cat", same(categories)))
	}
	return picks, more, nil
}

// mostChoices bounds a menu; who is not in it is found by a search.
const mostChoices = 60

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
	add(text.T(ctx, "views.open"), v.All.NotClosed(), false, "status", "open")
	add(text.T(ctx, "views.overdue"), v.All.Overdue(), true, "light", "overdue")
	add(text.T(ctx, "views.soon"), v.All.Soon(), false, "light", "soon")
	add(text.T(ctx, "views.week"), int(week), false, "due", "week")
	add(text.T(ctx, "views.review"), v.All.Review(), false, "light", "review")
	if n := v.All.Stated(); n > 0 || slices.Contains(v.Filter.Lights, models.LightStated) {
		add(text.T(ctx, "views.stated"), n, false, "light", "stated")
	}
	idle := b.Rules().IdleDays
	add(text.T(ctx, "views.idle", idle), v.All.Idle(), false, "idle", strconv.Itoa(idle))
	standing, err := b.Count(models.Filter{Standing: "due"})
	if err != nil {
		return nil, err
	}
	if standing > 0 || v.Filter.Standing != "" {
		add(text.T(ctx, "views.standing"), int(standing), false, "standing", "due")
	}
	return tabs, nil
}

func (s *Server) showBoard(c echo.Context, b *models.Board) error {
	state, err := s.listState(c, b, views.BoardPath)
	if err != nil {
		return err
	}
	v := views.BoardView{ListState: state, MayImport: importers(b.Me()), May: func(a models.Act, c models.Card) bool {
		return b.May(a, models.Item{ID: c.ID, UnitID: c.UnitID, Status: c.Status})
	}}
	if v.Tabs, err = s.tabs(c, b, state); err != nil {
		return err
	}
	if state.All.N() == 0 && b.MayGovern(models.GovernRounds) {
		first, err := b.FirstSteps()
		if err != nil {
			return err
		}
		v.First = &first
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
	v := views.LedgerView{ListState: state, MayImport: importers(b.Me()), Keeper: keepers(b.Me())}
	if v.Tabs, err = s.tabs(c, b, state); err != nil {
		return err
	}
	if v.Cards, err = b.List(state.Filter); err != nil {
		return err
	}
	if err := ledgerCells(b, &v); err != nil {
		return err
	}
	if v.Matches, err = b.Matches(state.Filter.Query, v.Cards); err != nil {
		return err
	}
	return s.show(c, b, http.StatusOK, "items", "ledger.title", views.LedgerPage(v))
}
