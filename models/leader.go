package models

import (
	"cmp"
	"slices"
)

// NoLeader is the word in addresses for items that name no leader.
const NoLeader = "-"

// LeaderShare is what one leader of a unit answers for. Name is as the ledger has
// it, a person or a post, and empty for the items that name nobody; Account is the
// person's where it is known.
type LeaderShare struct {
	Name    string
	Account *User
	Open    int
	Overdue int
}

// Filter are exactly the items that Open counts.
func (s LeaderShare) Filter(u Unit) Filter {
	return Filter{Units: []string{u.Code}, Leader: cmp.Or(s.Name, NoLeader), NotClosed: true}
}

// LeaderShares are the shares of a unit's leaders in its open items: the head, then
// the leaders as they were entered, each though they may have none, for a leader
// without a task is what an inspection asks after; then names without an account;
// last the items that name nobody.
func (b *Board) LeaderShares(u Unit) ([]LeaderShare, error) {
	people, err := b.PeopleOf(u.ID)
	if err != nil {
		return nil, err
	}
	overdue := sqlOverdue(b.Today())
	var rows []struct {
		Leader   string
		LeaderID *int64
		Open     int
		Overdue  int
	}
	err = b.where(Filter{Units: []string{u.Code}, NotClosed: true}).
		Select("items.leader, MAX(items.leader_id) AS leader_id, COUNT(*) AS open, SUM(CASE WHEN "+overdue.sql+" THEN 1 ELSE 0 END) AS overdue", overdue.args...).
		Group("items.leader").Scan(&rows).Error
	if err != nil {
		return nil, err
	}
	account := func(id *int64) *User {
		n := slices.IndexFunc(people, func(p User) bool { return id != nil && p.ID == *id })
		if n < 0 {
			return nil
		}
		return &people[n]
	}
	var shares []LeaderShare
	for _, row := range rows {
		shares = append(shares, LeaderShare{row.Leader, account(row.LeaderID), row.Open, row.Overdue})
	}
	for n, p := range people {
		has := func(s LeaderShare) bool { return s.Account != nil && s.Account.ID == p.ID || s.Name == p.FullName }
		if (p.Role == Leader || p.Role == Head) && !p.Disabled && !slices.ContainsFunc(shares, has) {
			shares = append(shares, LeaderShare{Name: p.FullName, Account: &people[n]})
		}
	}
	rank := func(s LeaderShare) int {
		switch {
		case s.Name == "":
			return 4
		case s.Account == nil:
			return 3
		case s.Account.Role == Head:
			return 1
		default:
			return 2
		}
	}
	slices.SortFunc(shares, func(a, z LeaderShare) int {
		if c := cmp.Compare(rank(a), rank(z)); c != 0 {
			return c
		}
		if a.Account != nil && z.Account != nil {
			return cmp.Or(cmp.Compare(a.Account.ID, z.Account.ID), cmp.Compare(a.Name, z.Name))
		}
		return cmp.Or(cmp.Compare(z.Open, a.Open), cmp.Compare(a.Name, z.Name))
	})
	return shares, nil
}
