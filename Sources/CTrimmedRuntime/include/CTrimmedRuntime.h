// Nothing is called from Swift: the definitions take the place of the runtime's own when a program is linked.
