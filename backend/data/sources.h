#pragma once
// The rows of the data catalogue.

#include "backend/data/data_catalogue.h"

namespace netwright {

DataSpec fashion_mnist_spec();
DataSpec cifar_spec();
DataSpec idx_spec();
DataSpec image_folder_spec();
DataSpec image_masks_spec();
DataSpec npy_spec();
DataSpec two_spirals_spec();
DataSpec circles_spec();
DataSpec checkerboard_spec();
DataSpec shapes_spec();
DataSpec shape_masks_spec();
DataSpec blobs_spec();
DataSpec regression_curve_spec();
DataSpec adding_problem_spec();
DataSpec brackets_spec();
DataSpec waves_spec();
DataSpec csv_spec();
DataSpec text_spec();
DataSpec word_languages_spec();
DataSpec series_spec();

}  // namespace netwright
