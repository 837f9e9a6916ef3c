package com.example.threshold;

import io.github.controlnet.tck.AnnotatorTck;

class ThresholdTest extends AnnotatorTck {
  @Override
  protected String annotatorName() {
    return "bright_areas";
  }
}
