-- The whole matrix of generated programs: every source, use and shape.
dofile "spec/graph/matrix_spec.lua"
