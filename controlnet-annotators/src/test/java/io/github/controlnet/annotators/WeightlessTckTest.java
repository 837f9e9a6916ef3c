package io.github.controlnet.annotators;

import io.github.controlnet.tck.AnnotatorTck;
import java.util.Map;
import org.junit.jupiter.api.Nested;

/** The test kit on every annotator without weights. */
class WeightlessTckTest {
  @Nested
  class Binary extends AnnotatorTck {
    @Override
    protected String annotatorName() {
      return "binary";
    }
  }

  @Nested
  class Blur extends AnnotatorTck {
    @Override
    protected String annotatorName() {
      return "blur";
    }
  }

  @Nested
  class Invert extends AnnotatorTck {
    @Override
    protected String annotatorName() {
      return "invert";
    }
  }

  @Nested
  class LineartStandard extends AnnotatorTck {
    @Override
    protected String annotatorName() {
      return "lineart_standard";
    }
  }

  @Nested
  class RecolorIntensity extends AnnotatorTck {
    @Override
    protected String annotatorName() {
      return "recolor_intensity";
    }
  }

  @Nested
  class RecolorLuminance extends AnnotatorTck {
    @Override
    protected String annotatorName() {
      return "recolor_luminance";
    }
  }

  @Nested
  class Scribble extends AnnotatorTck {
    @Override
    protected String annotatorName() {
      return "scribble";
    }
  }

  @Nested
  class ScribbleXdog extends AnnotatorTck {
    @Override
    protected String annotatorName() {
      return "scribble_xdog";
    }

    /** The kit's photographs have few places that are darker than around in all of R, G and B. */
    @Override
    protected Map<String, String> annotatorOptions() {
      return Map.of("threshold", "4");
    }
  }

  @Nested
  class Shuffle extends AnnotatorTck {
    @Override
    protected String annotatorName() {
      return "shuffle";
    }
  }

  @Nested
  class Threshold extends AnnotatorTck {
    @Override
    protected String annotatorName() {
      return "threshold";
    }
  }

  @Nested
  class TileColorfix extends AnnotatorTck {
    @Override
    protected String annotatorName() {
      return "tile_colorfix";
    }
  }

  @Nested
  class TileResample extends AnnotatorTck {
    @Override
    protected String annotatorName() {
      return "tile_resample";
    }
  }

  /** Makes maps that are smaller than their photographs. */
  @Nested
  class TileResampleAtOtherRates extends AnnotatorTck {
    @Override
    protected String annotatorName() {
      return "tile_resample";
    }

    @Override
    protected Map<String, String> annotatorOptions() {
      return Map.of("rate", "2.5");
    }

    @Override
    protected boolean mapHasTheSizeOfThePhoto() {
      return false;
    }
  }
}
