package views

import (
	"context"
	"strconv"

	"duban/models"
	"duban/views/text"
)

// UsersView is the list of accounts, and the one being made or changed.
type UsersView struct {
	Users    []models.User
	Units    map[int64]models.Unit
	Order    []models.Unit
	Edited   models.User
	Problems models.Problems

	MayGovern bool // change accounts
	MayAssign bool // say what supervisors see
	Scopes    models.Scopes
	Answering int // open items that the one being looked at answers for
}

func (v UsersView) unitCode(u models.User) string {
	if u.UnitID == nil {
		return ""
	}
	return v.Units[*u.UnitID].Code
}

func (v UsersView) bodies(ctx context.Context) []Choice {
	choices := []Choice{{"", text.T(ctx, "body.none")}}
	for _, b := range models.Bodies() {
		choices = append(choices, Choice{string(b), text.T(ctx, "body."+string(b))})
	}
	return choices
}

func (v UsersView) unitOf(u models.User) string {
	if u.UnitID == nil {
		return u.Body
	}
	return v.Units[*u.UnitID].Name
}

func (v UsersView) roles(ctx context.Context) []Choice {
	var choices []Choice
	for _, r := range models.Roles() {
		choices = append(choices, Choice{string(r), text.T(ctx, "role."+string(r))})
	}
	return choices
}

func (v UsersView) units(ctx context.Context) []Choice {
	choices := []Choice{{"", text.T(ctx, "user.unit.none")}}
	for _, u := range v.Order {
		choices = append(choices, Choice{idText(u.ID), u.Name})
	}
	return choices
}

func (v UsersView) unitID() string {
	if v.Edited.UnitID == nil {
		return ""
	}
	return idText(*v.Edited.UnitID)
}

func (v UsersView) to() string {
	if v.Edited.ID == 0 {
		return UsersLink
	}
	return UserLink(v.Edited.ID)
}

// UnitsView is the list of units, and the one being made or changed.
type UnitsView struct {
	Units    []models.Unit
	Edited   models.Unit
	Problems models.Problems
	May      bool
}

func (v UnitsView) to() string {
	if v.Edited.ID == 0 {
		return UnitsLink
	}
	return UnitLink(v.Edited.Code)
}

// RoundsView is the list of rounds, and the one being made or changed.
type RoundsView struct {
	Rounds   []models.Round
	Edited   models.Round
	Code     string // as it is kept, while another is being typed
	Units    []models.Unit
	Days     map[int64]models.RoundUnit
	Problems models.Problems
}

func (v RoundsView) to() string {
	if v.Edited.ID == 0 {
		return RoundsLink
	}
	return RoundLink(v.Code)
}

func year(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}
