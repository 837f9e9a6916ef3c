package io.github.controlnet.annotators;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.github.controlnet.spi.AnnotatorCatalog;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Groups of annotators know what they share, and not one another. */
class WallsTest {
  private static final String ROOT = "io.github.controlnet.annotators";

  private static final List<String> GROUPS =
      List.of(
          ROOT + ".edges", ROOT + ".depth", ROOT + ".pose", ROOT + ".segments", ROOT + ".pixels");

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(ROOT);

  static List<String> groups() {
    return GROUPS;
  }

  @ParameterizedTest
  @MethodSource("groups")
  void aGroupKnowsNoOther(String group) {
    List<String> others = new ArrayList<>(GROUPS);
    others.remove(group);
    noClasses()
        .that()
        .resideInAPackage(group)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(others.toArray(String[]::new))
        .check(CLASSES);
  }

  @ParameterizedTest
  @MethodSource("groups")
  void onlyTablesAreSeenFromOutside(String group) {
    classes()
        .that()
        .resideInAPackage(group)
        .and()
        .arePublic()
        .should()
        .implement(AnnotatorCatalog.class)
        .check(CLASSES);
  }

  @ParameterizedTest
  @ValueSource(strings = {".support", ".networks", ".raster"})
  void whatIsSharedKnowsNoGroup(String name) {
    noClasses()
        .that()
        .resideInAPackage(ROOT + name)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(GROUPS.toArray(String[]::new))
        .check(CLASSES);
  }

  @Test
  void networksAndRastersKnowNeitherOneAnotherNorTheSupport() {
    noClasses()
        .that()
        .resideInAPackage(ROOT + ".networks")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            ROOT + ".support", ROOT + ".raster", "io.github.controlnet.core.torch..")
        .check(CLASSES);
    noClasses()
        .that()
        .resideInAPackage(ROOT + ".raster")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(ROOT + ".support", ROOT + ".networks")
        .check(CLASSES);
  }

  @Test
  void everyClassHasItsPlace() {
    List<String> all = new ArrayList<>(GROUPS);
    all.addAll(List.of(ROOT, ROOT + ".support", ROOT + ".networks", ROOT + ".raster"));
    classes().should().resideInAnyPackage(all.toArray(String[]::new)).check(CLASSES);
  }
}
