package app

import "duban/models"

// Door is a route as people read it, with the roles it admits: Nobody among them where
// it is open to those who are not signed in.
type Door struct {
	Method, Path string
	Roles        []models.Role
}

// Doors are all routes, in the order of their table.
func Doors() []Door {
	var doors []Door
	for _, r := range new(Server).routes() {
		d := Door{Method: r.method, Path: r.path}
		for _, role := range append([]models.Role{models.Nobody}, models.Roles()...) {
			if r.who != nil && r.who(models.User{Role: role}) {
				d.Roles = append(d.Roles, role)
			}
		}
		doors = append(doors, d)
	}
	return doors
}
